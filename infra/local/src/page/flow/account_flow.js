// Sign-up, and a new password for a user who forgot the old one.

import { abp } from "../dialects/abp.js";
import { account, readLink } from "../dialects/account.js";
import { confirmStep, confirmedStep, forgottenStep, newPasswordStep, resetStep, signUpStep } from "../steps/account_steps.js";
import { announce } from "../common/dom.js";
import { readInbox } from "../inbox/inbox.js";
import { logged } from "../common/log.js";
import { refusalOf } from "../steps/refusal.js";
import { sessionOf } from "./sessions.js";
import { act, enter, refused, show, shown } from "./stage.js";

/** Starts a sign-up. `elsewhere` leads back to the sign-in. */
export function startSignUp(demo, elsewhere) {
  signUp(demo, { person: {}, token: null }, elsewhere).begin();
}

/** Continues after a reload. Returns whether that was possible. */
export function resumeSignUp(demo, { title, ...saved }, elsewhere) {
  return signUp(demo, saved, elsewhere).resume(title);
}

function signUp({ abp: { client, scope } }, { person, token: given }, elsewhere) {
  let token = given;
  const actions = {
    back: () => elsewhere.signIn(),

    register: (typed) => act(async (left) => {
      Object.assign(person, typed);
      const made = await logged("Create the account", account.register(person));
      if (left()) return;
      if (!made.ok) return refused(made);
      person.id = made.body.id;
      const login = { ...person, client: { client_id: client }, scope };
      // A signed-in user asks for the confirmation with a token. If the service
      // requires a confirmed address before the sign-in, the right password is enough
      // to ask.
      const answer = await logged("Sign in with the password", abp.signIn(login), { asks: unconfirmed });
      if (left()) return;
      if (!answer.ok && !unconfirmed(answer)) return refused(answer);
      token = answer.ok ? answer.body.access_token : null;
      if (await sent(left)) show("E-mail", confirmStep(person, actions));
    }),

    sendAgain: () => act(async (left) => {
      if (await sent(left)) announce("Sent again.");
    }),

    confirm: (link) => act(async (left) => {
      const read = readLink(link, "confirmationToken");
      if (!read) return shown().wrongLink();
      const answer = await logged("Confirm the address", account.confirm(read));
      if (left()) return;
      if (!answer.ok) return refused(answer);
      await logged("Ask what is confirmed", account.state(person.id, token));
      if (left()) return;
      show("Done", confirmedStep(person, actions));
    }),

    signIn: () => elsewhere.signIn(person),
    manage: () => elsewhere.manage(person),
  };

  async function sent(left) {
    const answer = await logged("Ask for the e-mail", account.sendConfirmation(person.id, token));
    if (left()) return false;
    readInbox();
    if (!answer.ok) refused(answer);
    return answer.ok;
  }

  const steps = {
    "Create an account": () => show("Account", signUpStep(actions)),
    "Confirm the e-mail address": () => show("E-mail", confirmStep(person, actions)),
    Confirmed: () => show("Done", confirmedStep(person, actions)),
  };
  const begin = () => enter(["Account", "E-mail", "Done"], () =>
    ({ flow: "sign up", dialect: chosenDialect(), person, token }));
  return { begin: () => { begin(); steps["Create an account"](); }, resume: resumer(begin, steps) };
}

/** Shows the step with this title, if there is one. */
function resumer(begin, steps) {
  return (title) => {
    if (!steps[title]) return false;
    begin();
    steps[title]();
    return true;
  };
}

function chosenDialect() {
  return document.querySelector("input[name=dialect]:checked").value;
}

function unconfirmed({ body }) {
  return body?.error_description === "RequiresConfirmUser";
}

/** Starts with the address of an account whose password was forgotten. */
export function startForgotten(demo, name, elsewhere) {
  forgotten(demo, { person: { name } }, elsewhere).begin();
}

/** Continues after a reload. Returns whether that was possible. */
export function resumeForgotten(demo, { title, ...saved }, elsewhere) {
  return forgotten(demo, saved, elsewhere).resume(title);
}

function forgotten(demo, { person, userId = null }, elsewhere) {
  let user = userId;
  const actions = {
    back: () => elsewhere.signIn(),

    send: (email) => act(async (left) => {
      person.name = email;
      const answer = await logged("Ask for the e-mail", account.sendReset(email));
      if (left()) return;
      readInbox();
      if (!answer.ok) return refused(answer);
      show("New password", newPasswordStep(person, actions));
    }),

    reset: (link, password) => act(async (left) => {
      const read = readLink(link, "resetToken");
      if (!read) return shown().wrongLink();
      const answer = await logged("Choose a new password", account.reset(read, password));
      if (left()) return;
      readInbox();
      if (!answer.ok) return refused(answer);
      person.password = password;
      relearn(demo, person);
      user = read.userId;
      steps["The password is changed"]();
    }),

    tryOld: () => act(async (left) => {
      const old = sessionOf(user);
      const answer = await logged("Refresh the old session", old.dialect.refresh(old.login, old.token));
      if (left()) return;
      shown().outcome(answer.ok ? null : refusalOf(answer).sentence);
    }),

    signIn: () => elsewhere.signIn(person),
  };
  const steps = {
    "Forgotten password": () => show("Address", forgottenStep(person, actions)),
    "Choose a new password": () => show("New password", newPasswordStep(person, actions)),
    "The password is changed": () => show("Done", resetStep(person, user && sessionOf(user), actions)),
  };
  const begin = () => enter(["Address", "New password", "Done"], () =>
    ({ flow: "forgotten", dialect: chosenDialect(), person, userId: user }));
  return { begin: () => { begin(); steps["Forgotten password"](); }, resume: resumer(begin, steps) };
}

/** From now until the next reload, the page fills in this new password of a demo user. */
function relearn(demo, { name, password }) {
  const users = Object.values(demo).flatMap((one) => one?.users ?? []);
  for (const user of users) if ([user.name, user.email].includes(name)) user.password = password;
}
