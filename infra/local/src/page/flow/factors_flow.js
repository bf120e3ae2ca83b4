// The second factors of a signed-in user: listing, adding, removing, replacing.

import { forgetSeed, rememberRecoveryCodes, rememberSeed, showAuthenticator } from "../common/authenticator.js";
import { announce } from "../common/dom.js";
import { factorsStep, keepStep, scanStep } from "../steps/factor_steps.js";
import { now } from "../common/clock.js";
import { DIALECTS, dialectName } from "../dialects/dialects.js";
import { logged } from "../common/log.js";
import { act, enter, refused, refusedCode, show, use } from "./stage.js";
import { markUsed } from "../common/used_codes.js";

/**
 * Shows the second factors of `session` (`{ dialect, login, tokens }`). The caller is already
 * doing one thing, and `left` tells whether its flow was left. `elsewhere` leads back to the
 * sign-in.
 */
export async function openFactors(session, elsewhere, left) {
  const view = await look(session, left);
  if (!view) return;
  enter(session.dialect.steps.map((step) => (step === "Tokens" ? "Factors" : step)), snapshot(session));
  showFactors(session, elsewhere, view);
}

/** The data for resumeFactors. `more` is what the step needs besides the session. */
function snapshot({ dialect, login, tokens }, more = {}) {
  return () => ({ flow: "factors", dialect: dialectName(dialect), login, tokens, ...more });
}

/** Continues after a reload. Returns whether that was possible. */
export function resumeFactors({ names, title, login, tokens, ...more }, elsewhere) {
  const session = { dialect: DIALECTS[more.dialect], login, tokens };
  enter(names, snapshot(session, more));
  if (more.begun && title === "Scan the QR code") scan(session, elsewhere, more.begun);
  else if (more.codes && title.startsWith("Keep your recovery code")) keep(session, elsewhere, more.codes, more.said);
  else {
    // The possible changes depend on the current factors, so the page asks for them
    // again.
    showFactors(session, elsewhere, { said: "", rows: [], add: "Look again" });
    act((left) => openFactors(session, elsewhere, left));
  }
  return true;
}

/** Asks for the factors. null if that was refused or the flow was left. */
async function look({ dialect, tokens }, left) {
  const answers = [];
  for (const [title, request] of dialect.manage.look(tokens.access_token)) {
    const answer = await logged(title, request);
    if (left()) return null;
    if (!answer.ok) {
      refused(answer);
      return null;
    }
    answers.push(answer);
  }
  return dialect.manage.view(answers, tokens.access_token);
}

function showFactors(session, elsewhere, view, news = "") {
  show("Factors", factorsStep(view, news, {
    add: () => act((left) => begin(session, elsewhere, left)),
    change: (change) => act((left) => apply(session, elsewhere, change, left)),
    signInAgain: () => elsewhere.manage(session.login),
    startAgain: () => elsewhere.signIn(),
  }));
  if (news) announce(news);
}

async function apply(session, elsewhere, change, left) {
  const answer = await logged(change.title, change.request);
  if (left()) return;
  if (!answer.ok) return refused(answer);
  if (change.forgetsSeed) forgetSeed(session.login.name);
  const codes = change.codes?.(answer);
  if (codes) {
    enter(["Recovery codes", "Factors"], snapshot(session, { codes, said: change.said }));
    return keep(session, elsewhere, codes, change.said);
  }
  const view = await look(session, left);
  if (view) showFactors(session, elsewhere, view, change.said);
}

async function begin(session, elsewhere, left) {
  const { dialect, tokens } = session;
  const answer = await logged("Ask for an authenticator's key", dialect.manage.begin(tokens.access_token));
  if (left()) return;
  if (!answer.ok) return refused(answer);
  const begun = dialect.manage.begun(answer);
  enter(["Scan", "Recovery codes", "Factors"], snapshot(session, { begun }));
  scan(session, elsewhere, begun);
}

function scan(session, elsewhere, begun) {
  show("Scan", scanStep(begun, {
    confirm: (code) => act((stillLeft) => confirm(session, elsewhere, begun, code, stillLeft)),
    back: () => act((stillLeft) => openFactors(session, elsewhere, stillLeft)),
  }));
  showAuthenticator({ name: session.login.name, seed: begun.key, scanned: true }, (code) => use("code", code));
}

async function confirm(session, elsewhere, begun, code, left) {
  const { dialect, login, tokens } = session;
  const answer = await logged("Confirm it by its first code", dialect.manage.confirm(login, tokens.access_token, code));
  if (left()) return;
  if (!answer.ok) return refusedCode(answer);
  rememberSeed(login.name, begun.key);
  markUsed(login.name, "totp", code, now());
  const confirmed = dialect.manage.confirmed(answer);
  const next = { ...session, tokens: { ...tokens, ...confirmed.tokens } };
  const codes = [...begun.codes, ...confirmed.codes];
  const said = "The authenticator app is confirmed.";
  if (codes.length) {
    enter(["Scan", "Recovery codes", "Factors"], snapshot(next, { codes, said }));
    return keep(next, elsewhere, codes, said);
  }
  const view = await look(next, left);
  if (view) showFactors(next, elsewhere, view, said);
}

function keep(session, elsewhere, codes, said) {
  rememberRecoveryCodes(session.login.name, codes);
  show("Recovery codes", keepStep(codes, said, {
    kept: () => act(async (left) => {
      const view = await look(session, left);
      if (view) showFactors(session, elsewhere, view);
    }),
  }));
}
