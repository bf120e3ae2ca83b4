// The steps of a sign-up and of a forgotten password.

import { el, field, icon } from "../common/dom.js";
import { refusalPlace } from "./refusal.js";

const RULE = "At least 8 characters, and none that is soon guessed.";

function button(label, action) {
  return el("button", { type: "button", class: "secondary", on: { click: action } }, label);
}

/** A form that requires all its fields. `submit` gets the typed values by name. */
function formOf(fields, refusal, label, submit, ...others) {
  const form = el("form", { novalidate: true, on: { submit(event) {
    event.preventDefault();
    const empty = [...form.querySelectorAll("input")].find((input) => !input.value.trim());
    for (const input of form.querySelectorAll("input")) mark(input, input === empty ? "This is needed." : "");
    if (empty) empty.focus();
    else submit(Object.fromEntries(new FormData(form)));
  } } },
  fields, refusal.element,
  el("div", { class: "actions" }, el("button", { type: "submit" }, label), others));
  return form;
}

/** A field with a place for its error. */
function checked(id, label, attributes, hint) {
  const block = field(id, label, { "aria-describedby": `${hint ? `${id}-hint ` : ""}${id}-error`, ...attributes }, hint);
  block.append(el("p", { class: "error", id: `${id}-error` }));
  return block;
}

function mark(input, wrong) {
  input.parentElement.querySelector(".error").textContent = wrong;
  if (wrong) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
}

/** A step that asks for a link from the inbox, and perhaps for more. */
function linkStep(title, wants, content, form, refusal) {
  const input = form.querySelector("#link");
  return {
    title,
    content: [...content, form],
    refusal,
    asks: "link",
    wants,
    wrongLink() {
      mark(input, "This is no link from that e-mail.");
      input.focus();
    },
    fill(link) {
      input.value = link;
      mark(input, "");
      const next = [...form.querySelectorAll("input")].find((one) => !one.value) ?? input;
      next.focus();
    },
  };
}

function link() {
  return checked("link", "Link from the e-mail", { inputmode: "url", autocomplete: "off" },
    "It leads to your app, which this page stands in for.");
}

/** Asks for the name, address and password of a new account. */
export function signUpStep(actions) {
  const refusal = refusalPlace();
  const form = formOf([
    checked("name", "User name", { value: "ada", autocomplete: "username" }),
    checked("email", "E-mail", { value: "ada@example.com", autocomplete: "email", inputmode: "email" }),
    checked("password", "Password", { type: "password", value: "violet kettle 42", autocomplete: "new-password" }, RULE),
  ], refusal, "Create the account", actions.register, button("Back", actions.back));
  return {
    title: "Create an account",
    content: [el("p", {}, "The requests are ABP's; the account is good in every dialect."), form],
    refusal,
  };
}

/** Asks for the link that confirms the address. */
export function confirmStep({ email }, actions) {
  const refusal = refusalPlace();
  const form = formOf([link()], refusal, "Confirm the address", (typed) => actions.confirm(typed.link.trim()),
    button("Send again", actions.sendAgain), button("Back", actions.back));
  return linkStep("Confirm the e-mail address", { link: "confirmationToken", to: email }, [
    el("p", {}, `The account is there. A link was sent to ${email}. Take it from the inbox.`),
  ], form, refusal);
}

/** Says that the address is confirmed. */
export function confirmedStep({ email }, actions) {
  const refusal = refusalPlace();
  return {
    title: "Confirmed",
    content: [
      el("p", { class: "news" }, icon("done"), el("span", {}, `${email} is confirmed.`)),
      el("p", {}, "The link is good once. Now sign in, or add a second factor first."),
      refusal.element,
      el("div", { class: "actions" },
        el("button", { type: "button", on: { click: actions.signIn } }, "Sign in"),
        button("Add a second factor", actions.manage)),
    ],
    refusal,
  };
}

/** Asks for the account whose password was forgotten. */
export function forgottenStep({ name }, actions) {
  const refusal = refusalPlace();
  const form = formOf([
    checked("email", "E-mail", { value: name, autocomplete: "email", inputmode: "email" }),
  ], refusal, "Send the link", (typed) => actions.send(typed.email.trim()), button("Back", actions.back));
  return {
    title: "Forgotten password",
    content: [
      el("p", {}, "The answer is the same for everybody, after two seconds, so that it tells nobody who has an account. The requests are ABP's."),
      form,
    ],
    refusal,
  };
}

/** Asks for the link and the new password. */
export function newPasswordStep({ name }, actions) {
  const refusal = refusalPlace();
  const form = formOf([
    link(),
    checked("password", "New password", { type: "password", autocomplete: "new-password" }, RULE),
  ], refusal, "Change the password", (typed) => actions.reset(typed.link.trim(), typed.password),
  button("Back", actions.back));
  return linkStep("Choose a new password", { link: "resetToken", to: name }, [
    el("p", {}, `If ${name} has an account, a link is in the inbox.`),
  ], form, refusal);
}

/**
 * Says that the password is changed. If this page has an old session of the user, it can show
 * that the session has ended.
 */
export function resetStep({ name }, old, actions) {
  const refusal = refusalPlace();
  const outcome = el("p", { class: "outcome", role: "status" });
  return {
    title: "The password is changed",
    content: [
      el("p", { class: "news" }, icon("done"), el("span", {}, "Every session that was open is over, and a notice is in the inbox.")),
      el("p", {}, "Nobody is signed in by it, and the second factor is asked for as before. A demo user keeps the new password until the data is removed."),
      outcome,
      refusal.element,
      el("div", { class: "actions" },
        el("button", { type: "button", on: { click: actions.signIn } }, "Sign in"),
        old && button("Refresh the old session", actions.tryOld)),
      !old && el("p", { class: "hint" }, `Sign in as ${name} before a reset, to see that session end here.`),
    ],
    refusal,
    outcome(refused) {
      outcome.replaceChildren(icon(refused ? "done" : "stop"), el("span", {}, refused
        ? `The old session is over. The service says: ${refused}` : "The old session still lives."));
    },
  };
}
