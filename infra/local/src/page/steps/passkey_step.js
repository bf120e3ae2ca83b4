// A login with a passkey, and an account without a password.

import { el, field } from "../common/dom.js";
import { elsewhere, fits } from "../flow/passkeys.js";
import { refusalPlace } from "./refusal.js";
import { bind, client, typed } from "./steps.js";

/** Asks for a passkey, or makes an account with one. */
export function passkeyStep(state, actions) {
  const { data } = state;
  const refusal = refusalPlace();
  const button = (label, action, kind) => el("button", { type: "button", class: kind, on: { click: action } }, label);
  const back = button("Back", actions.startAgain, "secondary");
  const title = "Use a passkey";
  if (!fits(data.passkeys)) {
    const address = elsewhere(data.passkeys);
    return { title, refusal, content: [
      el("p", {}, `Passkeys belong to the domain ${data.passkeys}. Open `, el("a", { href: address }, address),
        " in a browser that knows passkeys."),
      refusal.element, el("div", { class: "actions" }, back),
    ] };
  }
  const form = el("form", { novalidate: true, on: { submit(event) {
    event.preventDefault();
    actions.byPasskey(typed(form, data));
  } } },
  field("name", "E-mail of a new account", { value: "key@example.com", autocomplete: "email", inputmode: "email" },
    "A login needs no name: the authenticator knows its users."),
  bind(false), client(data), refusal.element,
  el("div", { class: "actions" }, el("button", { type: "submit" }, "Sign in with a passkey"),
    button("Create the account", () => { const login = typed(form, data); actions.byPasskey(login, login.name); }, "secondary"),
    back));
  return { title, refusal, content: [
    el("p", {}, "A passkey signs in without a password. One that verifies its user, by a PIN or a finger, counts as two factors."),
    form,
  ] };
}
