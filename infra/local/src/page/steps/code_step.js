// The third step: the code, and the choice how the code becomes tokens.

import { el } from "../common/dom.js";
import { refusalPlace } from "./refusal.js";

const INSTRUCTIONS = {
  email: ["A code was sent by e-mail", "Take it from the inbox."],
  sms: ["A code was sent by text message", "Take it from the inbox."],
  totp: ["Your authenticator app shows six digits", "Here the demo authenticator does."],
  recovery: ["Enter a recovery code", "Spaces and small letters do not matter."],
};

/** Asks for the code of the chosen factor. */
export function codeStep({ login, dialect, data, way: last }, actions) {
  const { method, to } = login.factor;
  const refusal = refusalPlace();
  const ways = dialect.ways(login);
  const chosen = () => ways.find((way) => way.id === form.elements.namedItem("way")?.value) ?? ways[0];
  const [said, where] = INSTRUCTIONS[method];
  const error = el("p", { class: "error", id: "code-error" });
  const input = codeInput(method);
  const submit = el("button", { type: "submit" });
  const label = () => { submit.textContent = chosen().verify ? "Verify the code" : "Get the tokens"; };
  const form = el("form", { novalidate: true, on: {
    change: label,
    submit(event) {
      event.preventDefault();
      const code = input.value.trim();
      error.textContent = code ? "" : "Enter the code first.";
      login.remembers = form.elements.namedItem("remember")?.checked === true;
      if (code) actions.show(code, chosen());
      else input.focus();
    },
  } },
  el("div", { class: "field" }, el("label", { for: "code" }, method === "recovery" ? "Recovery code" : "Six-digit code"), input, error),
  ways.length > 1 && wayChoice(ways, last),
  data.trusts && dialect.remembers?.(login) && el("label", { class: "check" },
    el("input", { name: "remember", type: "checkbox" }), "Trust this device: next time the password and its key are enough"),
  refusal.element,
  el("div", { class: "actions" }, submit,
    (method === "email" || method === "sms")
      && el("button", { type: "button", class: "secondary", on: { click: actions.sendAgain } }, "Send again"),
    dialect.list && el("button", { type: "button", class: "secondary", on: { click: actions.otherFactor } }, "Another factor"),
    el("button", { type: "button", class: "secondary", on: { click: actions.startAgain } }, "Start again")));
  label();
  return {
    title: "Enter the code",
    wants: { method, to: to ?? addressOf(login, method), since: login.sentAt },
    content: [el("p", {}, `${said}${to ? `, to ${to}` : ""}. ${where}`), form],
    refusal,
    mark(wrong) {
      if (wrong) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    },
    fill(code) {
      input.value = code;
      error.textContent = "";
      input.focus();
    },
  };
}

/** The addresses that this user's codes go to, as far as the page knows them. */
function addressOf({ name, user }, method) {
  if (method === "sms") return user.phone;
  return user.email ?? (name.includes("@") ? name : null);
}

/** The input for a code of this method. */
export function codeInput(method) {
  const same = { id: "code", name: "code", type: "text", spellcheck: "false", "aria-describedby": "code-error refusal" };
  if (method === "recovery") {
    return el("input", { ...same, class: "letters", autocomplete: "off", autocapitalize: "characters" });
  }
  const input = el("input", { ...same, class: "digits", autocomplete: "one-time-code", inputmode: "numeric", pattern: "[0-9]*" });
  // "123 456" from a clipboard means 123456.
  input.addEventListener("input", () => {
    const digits = input.value.replace(/[\s-]/g, "");
    if (digits !== input.value) input.value = digits;
  });
  return input;
}

function wayChoice(ways, last) {
  const checked = ways.find((way) => way.id === last?.id) ?? ways[0];
  return el("fieldset", { class: "ways" }, el("legend", {}, "How it becomes tokens"),
    ways.map((way) => el("label", { class: "way" },
      el("input", { type: "radio", name: "way", value: way.id, checked: way === checked, "aria-describedby": `way-${way.id}` }),
      el("span", {}, el("strong", {}, way.label), el("span", { class: "muted", id: `way-${way.id}` }, way.hint)))));
}

/** Says that the code was right. The tokens are not fetched yet. */
export function verifiedStep({ way }, actions) {
  const refusal = refusalPlace();
  return {
    title: "Verified",
    content: [
      el("p", {}, `The code is right and the login is verified. ${way.next}`),
      refusal.element,
      el("div", { class: "actions" },
        el("button", { type: "button", on: { click: actions.complete } }, "Get the tokens"),
        el("button", { type: "button", class: "secondary", on: { click: actions.startAgain } }, "Start again")),
    ],
    refusal,
  };
}
