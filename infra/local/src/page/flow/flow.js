// The whole login: which step is shown, and what each button does.

import { resumeForgotten, resumeSignUp, startForgotten, startSignUp } from "./account_flow.js";
import { rememberRecoveryCodes, showAuthenticator, showRecoveryCodes, spentRecoveryCode } from "../common/authenticator.js";
import { now } from "../common/clock.js";
import { codeStep, verifiedStep } from "../steps/code_step.js";
import { DIALECTS, dialectName } from "../dialects/dialects.js";
import { announce, byId } from "../common/dom.js";
import { openFactors, resumeFactors } from "./factors_flow.js";
import { send } from "../common/http.js";
import { readInbox } from "../inbox/inbox.js";
import { signedBy } from "../common/jwt.js";
import { kept } from "../common/tab_storage.js";
import { logged } from "../common/log.js";
import { remember } from "./sessions.js";
import { byPasskey } from "./passkeys.js";
import { act, enter, keepFlow, refused, refusedCode, show, shown, use } from "./stage.js";
import { passkeyStep } from "../steps/passkey_step.js";
import { factorStep, passwordStep } from "../steps/steps.js";
import { tokensStep } from "../steps/tokens_step.js";
import { markUsed, wasUsed } from "../common/used_codes.js";

/** Why a page of http at a network address cannot try a login without a browser. */
const NO_CHALLENGE = "a browser makes the challenge on https or on this machine only";

let demo;
let state;

/** Starts at the password, in the dialect that the page's switch shows. */
export function startFlow(data) {
  demo = data;
  actions.aidbox = !data.missing.aidbox && data.aidbox;
  actions.abp = !data.missing.abp;
  const missing = { ...(!isSecureContext && { "first-party": NO_CHALLENGE }), ...data.missing };
  for (const choice of choices()) {
    const why = missing[choice.value];
    choice.disabled = why !== undefined;
    if (why) choice.nextSibling.title = why;
    choice.addEventListener("change", () => {
      begin();
      announce(`${choice.nextSibling.textContent} chosen. Step 1: sign in.`);
    });
  }
  const saved = kept("flow");
  choose(saved?.dialect ?? chosen());
  if (!saved || !resume(saved)) begin();
}

function choices() {
  return [...document.querySelectorAll("input[name=dialect]")];
}

function chosen() {
  return document.querySelector("input[name=dialect]:checked").value;
}

/** Sets the switch to this dialect, or to the first dialect that is served. */
function choose(name) {
  const able = choices().filter((choice) => !choice.disabled);
  const choice = able.find(({ value }) => value === name) ?? able[0] ?? choices()[0];
  choice.checked = true;
}

/** Continues after a reload. Returns whether that was possible. */
function resume(saved) {
  if (saved.dialect !== chosen()) return false;
  switch (saved.flow) {
    case "sign up": return resumeSignUp(demo, saved, elsewhere);
    case "forgotten": return resumeForgotten(demo, saved, elsewhere);
    case "factors": return resumeFactors(saved, elsewhere);
    default: return resumeLogin(saved);
  }
}

/** The data for resumeLogin. */
function snapshot() {
  const { dialect, data, ...rest } = state;
  return { flow: "login", dialect: dialectName(dialect), state: rest };
}

function resumeLogin({ names, title, dialect, state: rest }) {
  state = { ...rest, dialect: DIALECTS[dialect], data: demo[dialect] };
  const { login, tokens, typed, forFactors } = state;
  const again = () => begin({ login: typed, factors: forFactors });
  const steps = {
    "Sign in": again,
    "Sign in to your second factors": again,
    "Use a passkey": () => show("Password", passkeyStep(state, actions)),
    "Pick a second factor": () => show("Factor", factorStep(state, actions)),
    "Enter the code": () => login.factor && askForCode(),
    Verified: () => show("Code", verifiedStep(state, actions)),
    "Signed in": () => {
      show("Tokens", tokensStep(state, actions));
      checkSignatures(send);
    },
  };
  const begun = steps[title] === again || title === "Use a passkey" || (login && (title !== "Signed in" || tokens));
  if (!steps[title] || !begun) return false;
  enter(names, snapshot);
  steps[title]();
  return true;
}

/**
 * Shows the password step. `login` may name a user with a password. With `factors`, the login
 * is for changing second factors, which needs a special token in some dialects.
 */
function begin({ login = null, factors = false, focus = false } = {}) {
  // CodeMaze's articles have no such settings.
  if (factors && !DIALECTS[chosen()].manage) choose("auth0");
  const name = chosen();
  const dialect = DIALECTS[name];
  state = { dialect, data: demo[name], factors: [], typed: login, forFactors: factors };
  enter(dialect.steps.map((step) => (factors && step === "Tokens" ? "Factors" : step)), snapshot);
  show("Password", passwordStep(state, actions), focus);
}

/** The functions that other flows may use. */
const elsewhere = {
  signIn: (login = null) => begin({ login, focus: true }),
  manage: (login = null) => begin({ login, factors: true, focus: true }),
};

const actions = {
  startAgain: () => begin({ factors: state.forFactors, focus: true }),

  signUp: () => startSignUp(demo, elsewhere),

  forgotten: (name) => startForgotten(demo, name, elsewhere),

  signInFor: (factors) => begin({ factors, focus: true }),

  /** Goes to the second factors, with the current token if it is sufficient. */
  manage: () => act(async (left) => {
    const { dialect, login, tokens } = state;
    if (dialect.manage.takes(tokens.access_token)) await openFactors(state, elsewhere, left);
    else elsewhere.manage(login);
  }),

  signIn: (login) => act(async (left) => {
    const { dialect } = state;
    const request = await dialect.signIn(login);
    const answer = await logged("Sign in with the password", request, { asks: dialect.pending });
    if (!left()) await answered(login, answer, left);
  }),

  passkey: () => show("Password", passkeyStep(state, actions)),

  byPasskey: (login, email) => act(async (left) => {
    try {
      const answer = await byPasskey(login, email, state.dialect.pending);
      if (!left()) await answered(login, answer, left);
    } catch ({ name }) {
      if (!left()) shown().refusal.show({ sentence: "The browser gave no passkey.", code: name });
    }
  }),

  choose: (factor) => act(async (left) => {
    state.login.factor = factor;
    if (await sent(left)) askForCode();
  }),

  sendAgain: () => act(async (left) => {
    if (await sent(left)) announce("Sent again. The last two codes are good.");
  }),

  otherFactor: () => show("Factor", factorStep(state, actions)),

  show: (code, way) => act(async (left) => {
    const { dialect, login } = state;
    Object.assign(state, { code, way });
    if (!way.verify) return fetchTokens(left);
    const answer = await logged("Verify the code", dialect.verify(login, way, code));
    if (left()) return;
    if (!dialect.verified(answer)) return refusedCode(answer, usedHint());
    codeAccepted();
    show("Code", verifiedStep(state, actions));
  }),

  complete: () => act(fetchTokens),

  refresh: () => act((left) => refresh(left, "Refresh", state.tokens.refresh_token)),

  replay: () => act((left) => refresh(left, "Replay the old refresh token", state.oldRefreshToken)),

  revoke: () => act(async (left) => {
    const { dialect, login, tokens } = state;
    const answer = await logged("Revoke the refresh token", dialect.revoke(login, tokens.refresh_token));
    if (left()) return;
    if (!answer.ok) return refused(answer);
    said("Revoked. A refresh is refused from now on; the access token lives until it expires.");
  }),

  showUser: () => act(async (left) => {
    const answer = await logged("Ask for the user information", state.dialect.user(state.tokens.access_token));
    if (left()) return;
    if (!answer.ok) return refused(answer);
    shown().showUser(answer.body);
    announce("User information is shown below.");
  }),
};

/** Goes on after the first factor: to the second factors, or to the tokens. */
async function answered(login, answer, left) {
  const { dialect } = state;
  state.login = login;
  const pending = dialect.pending(answer);
  if (!pending) return answer.ok ? signedIn(answer, left) : refused(answer);
  Object.assign(login, pending);
  if (!dialect.list) return sentAtOnce();
  const listed = await logged("List the second factors", dialect.list(login));
  if (left()) return;
  if (!listed.ok) return refused(listed);
  const codes = dialect.listsRecovery ? 0 : await recoveryCodes(login);
  if (left()) return;
  state.factors = dialect.factors(listed, codes);
  show("Factor", factorStep(state, actions));
}

/** The dialect has only one factor, and its first step has already sent the code. */
function sentAtOnce() {
  [state.login.factor] = state.dialect.factors();
  state.login.sentAt = now();
  readInbox();
  askForCode();
}

/** Asks the service for a code, if the factor needs a request. */
async function sent(left) {
  const { dialect, login } = state;
  const request = dialect.challenge(login);
  if (!request) return true;
  const title = login.factor.method === "totp" ? "Choose the authenticator" : "Send a code";
  const answer = await logged(title, request, { asks: dialect.pending });
  if (left()) return false;
  // A login without a browser answers each step but the last with what is still missing.
  if (!answer.ok && !dialect.pending(answer)) {
    refused(answer);
    return false;
  }
  dialect.challenged(login, answer);
  login.sentAt ??= now();
  readInbox();
  return true;
}

function askForCode() {
  show("Code", codeStep(state, actions));
  const { factor, user } = state.login;
  const fill = (code) => use("code", code);
  if (factor.method === "totp") showAuthenticator(user, fill);
  if (factor.method === "recovery") showRecoveryCodes(user, fill);
}

async function fetchTokens(left) {
  const { dialect, login, way, code } = state;
  const answer = await logged("Get the tokens", dialect.complete(login, way, code));
  if (left()) return;
  if (!answer.ok) return refusedCode(answer, usedHint());
  codeAccepted();
  await signedIn(answer, left);
}

function codeAccepted() {
  const { factor, name } = state.login;
  markUsed(name, factor.method, state.code, now());
  if (factor.method === "recovery") spentRecoveryCode(name, state.code);
}

/** What the page knows about a refused code. */
function usedHint() {
  const { factor, name } = state.login;
  return wasUsed(name, factor.method, state.code, now())
    && "This code was used already. Each code is good once: take a new one.";
}

/**
 * The number of a user's recovery codes. This request does not appear in the list of
 * requests, because it is the page's own.
 */
async function recoveryCodes({ name }) {
  const answer = await send({ method: "GET", path: "/_local/recovery-codes", query: { name } });
  return answer.body?.left ?? 0;
}

async function signedIn(answer, left) {
  const { dialect, login } = state;
  const given = dialect.redeem ? await logged("Exchange the code", dialect.redeem(login, answer)) : answer;
  if (left()) return;
  if (!given.ok) return refused(given);
  state.tokens = { ...dialect.tokens(answer), ...dialect.tokens(given) };
  const { recovery_code: recoveryCode } = state.tokens;
  if (recoveryCode) rememberRecoveryCodes(login.name, [recoveryCode]);
  remember(state);
  if (state.forFactors) return openFactors(state, elsewhere, left);
  show("Tokens", tokensStep(state, actions));
  checkSignatures();
}

async function refresh(left, title, token) {
  const answer = await logged(title, state.dialect.refresh(state.login, token));
  if (left()) return;
  if (!answer.ok) return refused(answer);
  const same = answer.body.refresh_token === state.tokens.refresh_token;
  if (token !== answer.body.refresh_token) state.oldRefreshToken = token;
  state.tokens = { ...state.tokens, ...answer.body };
  remember(state);
  shown().update("");
  said(same
    ? "A new access token, and the same refresh token as before: within 60 seconds a retry gets the same one."
    : "Refreshed: a new access token and a new refresh token.");
  checkSignatures();
}

function said(text) {
  keepFlow();
  shown().update(text);
  announce(text);
}

/**
 * Decoding a token proves nothing, so both tokens are checked with the keys that the service
 * publishes.
 */
async function checkSignatures(ask = (request) => logged("Fetch the public keys", request, { folded: true })) {
  const [mine, checked] = [shown(), state.tokens];
  const answer = await ask({ method: "GET", path: "/.well-known/jwks.json" });
  const signed = [checked.access_token, checked.id_token].filter(Boolean);
  const good = answer.ok && (await Promise.all(signed.map((token) => signedBy(token, answer.body.keys)))).every(Boolean);
  if (shown() !== mine || state.tokens !== checked) return;
  mine.signature(good ? "The signature is right, by the keys that the service publishes."
    : "The signature could not be checked with the keys that the service publishes.", good);
}
