// The login as a whole: which step is shown, and what each button does.

import { abp } from "./abp.js";
import { auth0 } from "./auth0.js";
import { accepted, closeHelper, rememberRecoveryCode, showAuthenticator, showRecoveryCodes } from "./authenticator.js";
import { codeStep, verifiedStep } from "./code_step.js";
import { announce, byId, el } from "./dom.js";
import { readInbox } from "./inbox.js";
import { signedBy } from "./jwt.js";
import { logged, nextAction } from "./log.js";
import { refusalOf } from "./refusal.js";
import { factorStep, passwordStep } from "./steps.js";
import { tokensStep } from "./tokens_step.js";

const DIALECTS = { auth0, abp };
const STEPS = ["Password", "Factor", "Code", "Tokens"];

let demo;
let state;
let step;
let busy = false;

/** Starts at the password, in the dialect that is chosen on the page. */
export function startFlow(data) {
  demo = data;
  for (const choice of document.querySelectorAll("input[name=dialect]")) {
    choice.addEventListener("change", () => {
      begin();
      announce(`${choice.nextSibling.textContent} chosen. Step 1: sign in.`);
    });
  }
  begin();
}

/** Puts a code into the field, if one is asked for. */
export function useCode(code) {
  step.fill?.(code);
}

function begin() {
  const dialect = document.querySelector("input[name=dialect]:checked").value;
  state = { dialect: DIALECTS[dialect], data: demo[dialect], factors: [] };
  show(0, passwordStep(state, actions), false);
}

function show(at, next, focus = true) {
  step = next;
  const title = el("h2", { id: "step-title", tabindex: -1 }, next.title);
  byId("step").replaceChildren(title, ...next.content.filter(Boolean));
  byId("progress").replaceChildren(...STEPS.map((name, index) => {
    const where = index < at ? "done" : index === at ? "current" : "ahead";
    return el("li", { class: where, "aria-current": index === at && "step" }, el("span", {}, name),
      index < at && el("span", { class: "visually-hidden" }, ", done"));
  }));
  document.body.classList.toggle("asks-code", Boolean(next.fill));
  if (!next.fill) closeHelper();
  if (focus) title.focus();
}

/** Does one thing at a time. `work` gets a function that tells whether the login it began for
 *  was left meanwhile. */
async function act(work) {
  if (busy) return;
  busy = true;
  byId("step").setAttribute("aria-busy", "true");
  step.refusal.clear();
  step.mark?.(false);
  nextAction();
  const mine = state;
  try {
    await work(() => state !== mine);
  } finally {
    busy = false;
    byId("step").removeAttribute("aria-busy");
  }
}

function refused(answer) {
  step.refusal.show(refusalOf(answer));
}

/** Refused for what was typed, unless it says to wait. */
function refusedCode(answer) {
  const refusal = refusalOf(answer);
  step.refusal.show(refusal);
  step.mark?.(!refusal.wait);
}

const actions = {
  startAgain() {
    begin();
    byId("step-title").focus();
  },

  signIn: (login) => act(async (left) => {
    const { dialect } = state;
    const answer = await logged("Sign in with the password", dialect.signIn(login), { asks: dialect.pending });
    if (left()) return;
    state.login = login;
    if (answer.ok) return showTokens(answer);
    const pending = dialect.pending(answer);
    if (!pending) return refused(answer);
    Object.assign(login, pending);
    const listed = await logged("List the second factors", dialect.list(login));
    if (left()) return;
    if (!listed.ok) return refused(listed);
    state.factors = dialect.factors(listed);
    show(1, factorStep(state, actions));
  }),

  choose: (factor) => act(async (left) => {
    state.login.factor = factor;
    if (await sent(left)) askForCode();
  }),

  sendAgain: () => act(async (left) => {
    if (await sent(left)) announce("Sent again. The last two codes are good.");
  }),

  otherFactor: () => show(1, factorStep(state, actions)),

  show: (code, way) => act(async (left) => {
    const { dialect, login } = state;
    Object.assign(state, { code, way });
    if (!way.verify) return fetchTokens(left);
    const answer = await logged("Verify the code", dialect.verify(login, way, code));
    if (left()) return;
    if (!dialect.verified(answer)) return refusedCode(answer);
    codeAccepted();
    show(2, verifiedStep(state, actions));
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
    step.showUser(answer.body);
    announce("User information is shown below.");
  }),
};

/** Asks the service for a code, where the factor needs asking. */
async function sent(left) {
  const { dialect, login } = state;
  const request = dialect.challenge(login);
  if (!request) return true;
  const title = login.factor.method === "totp" ? "Choose the authenticator" : "Send a code";
  const answer = await logged(title, request);
  if (left()) return false;
  if (!answer.ok) {
    refused(answer);
    return false;
  }
  dialect.challenged(login, answer);
  readInbox();
  return true;
}

function askForCode() {
  show(2, codeStep(state, actions));
  const { factor, demoUser } = state.login;
  closeHelper();
  if (factor.method === "totp") showAuthenticator(demoUser, useCode);
  if (factor.method === "recovery") showRecoveryCodes(demoUser, useCode);
}

async function fetchTokens(left) {
  const { dialect, login, way, code } = state;
  const answer = await logged("Get the tokens", dialect.complete(login, way, code));
  if (left()) return;
  if (!answer.ok) return refusedCode(answer);
  codeAccepted();
  showTokens(answer);
}

function codeAccepted() {
  const { factor, demoUser } = state.login;
  if (factor.method === "totp" && demoUser?.seed) accepted(demoUser.seed, state.code);
}

function showTokens({ body }) {
  state.tokens = body;
  if (body.recovery_code) rememberRecoveryCode(state.login.name, body.recovery_code);
  show(3, tokensStep(state, actions));
  checkSignatures();
}

async function refresh(left, title, token) {
  const answer = await logged(title, state.dialect.refresh(state.login, token));
  if (left()) return;
  if (!answer.ok) return refused(answer);
  const same = answer.body.refresh_token === state.tokens.refresh_token;
  if (token !== answer.body.refresh_token) state.oldRefreshToken = token;
  state.tokens = { ...state.tokens, ...answer.body };
  step.update("");
  said(same
    ? "A new access token, and the same refresh token as before: within 60 seconds a retry gets the same one."
    : "Refreshed: a new access token and a new refresh token.");
  checkSignatures();
}

function said(text) {
  step.update(text);
  announce(text);
}

/** Decoding proves nothing, so both tokens are checked with the keys that the service publishes. */
async function checkSignatures() {
  const [mine, shown] = [step, state.tokens];
  const answer = await logged("Fetch the public keys", { method: "GET", path: "/.well-known/jwks.json" },
    { folded: true });
  const signed = [shown.access_token, shown.id_token].filter(Boolean);
  const good = answer.ok && (await Promise.all(signed.map((token) => signedBy(token, answer.body.keys)))).every(Boolean);
  if (step !== mine || state.tokens !== shown) return;
  mine.signature(good ? "The signature is right, by the keys that the service publishes."
    : "The signature could not be checked with the keys that the service publishes.", good);
}
