// The first two steps: the password, and the choice of a second factor.
//
// A step is `{ title, content, refusal }`. flow.js puts it on the page.

import { el, field, icon } from "../common/dom.js";
import { refusalPlace } from "./refusal.js";

/** Asks for name and password. The fields have `typed`, or the first demo user's values. */
export function passwordStep(state, actions) {
  const { data, forFactors } = state;
  const refusal = refusalPlace();
  const first = state.typed ?? data.users[0] ?? { name: "", password: "" };
  const name = field("name", "User name or e-mail", { value: first.name, autocomplete: "username", inputmode: "email" });
  const secret = field("password", "Password", { type: "password", value: first.password, autocomplete: "current-password" });
  const showing = el("button", { type: "button", class: "quiet inside", "aria-pressed": "false", "aria-controls": "password" }, "Show");
  secret.append(showing);
  const [nameInput, secretInput] = [name, secret].map((block) => block.querySelector("input"));
  showing.addEventListener("click", () => {
    const shown = secretInput.type === "password";
    secretInput.type = shown ? "text" : "password";
    showing.textContent = shown ? "Hide" : "Show";
    showing.setAttribute("aria-pressed", String(shown));
  });
  const people = data.users.map((user) => el("button", { type: "button", class: "chip", on: { click() {
    nameInput.value = user.name;
    secretInput.value = user.password;
  } } }, user.plain ? `${user.name} (no second factor)` : user.name));
  const form = el("form", { novalidate: true, on: { submit(event) {
    event.preventDefault();
    actions.signIn(typed(form, data));
  } } },
  people.length > 0 && el("div", { class: "chips", role: "group", "aria-label": "Fill in a demo user" },
    el("span", { class: "chips-label", "aria-hidden": "true" }, "Demo users"), people),
  name, secret, state.dialect.binds && bind(first.bound), data.client !== undefined && client(forFactors ? { ...data, ...data.factors } : data), refusal.element,
  el("div", { class: "actions" }, el("button", { type: "submit" }, "Sign in")));
  const content = [
    forFactors && el("p", {}, "Second factors are changed by somebody who has just shown the strongest of them."),
    form,
    others(state, () => nameInput.value.trim(), actions),
  ];
  return { title: forFactors ? "Sign in to your second factors" : "Sign in", content, refusal };
}

/** The other things that the user can do here. */
function others({ dialect, data, forFactors }, name, actions) {
  const button = (label, action) => el("button", { type: "button", class: "quiet", on: { click: action } }, label);
  return el("div", { class: "others", role: "group", "aria-label": "Other things to try" },
    // Both use ABP's calls.
    actions.abp && button("Create an account", actions.signUp),
    data.passkeys && !forFactors && button("Use a passkey", actions.passkey),
    actions.abp && button("Forgot the password?", () => actions.forgotten(name())),
    forFactors ? button("Only sign in", () => actions.signInFor(false))
      : dialect.manage && button("Manage second factors", () => actions.signInFor(true)),
    actions.aidbox && el("a", { href: actions.aidbox, target: "_blank", rel: "noopener" }, "Aidbox's pages"));
}

export function bind(checked) {
  // A browser has keys only for pages of https and of this machine.
  return isSecureContext && el("label", { class: "check" },
    el("input", { id: "bound", name: "bound", type: "checkbox", checked: checked === true }),
    "Bind the tokens to a key of this browser (DPoP)");
}

export function client(data) {
  return el("details", { class: "more" }, el("summary", {}, "Client and scope"),
    field("client_id", "Client", { value: data.client, autocomplete: "off" }),
    field("client_secret", "Client secret", { value: data.secret ?? "", autocomplete: "off" }, "Empty for a public client."),
    field("scope", "Scope", { value: data.scope, autocomplete: "off" },
      "offline_access brings a refresh token, openid an ID token and the user information."),
    data.audience && field("audience", "Audience", { value: data.audience, autocomplete: "off" }));
}

export function typed(form, data) {
  const value = (name) => form.elements.namedItem(name)?.value ?? "";
  const name = value("name").trim();
  return {
    name,
    password: value("password"),
    client: { client_id: value("client_id").trim(), client_secret: value("client_secret") },
    scope: value("scope").trim(),
    bound: form.elements.namedItem("bound")?.checked === true,
    audience: value("audience").trim(),
    user: data.users.find((user) => user.name === name) ?? { name },
  };
}

/** Shows the factors that the service listed. */
export function factorStep({ login, factors }, actions) {
  const refusal = refusalPlace();
  const choices = factors.map((factor) => el("li", {},
    el("button", { type: "button", class: "factor", "data-method": factor.method,
      on: { click: () => actions.choose(factor) } },
    icon(factor.method),
    el("span", { class: "factor-words" }, el("strong", {}, factor.name), el("span", { class: "muted" }, factor.hint)),
    icon("arrow"))));
  const content = [
    el("p", {}, factors.length
      ? `The password of ${login.name} is right. One of these proves the rest.`
      : "The password is right, but this user has no second factor to use."),
    el("ul", { class: "factors" }, choices),
    refusal.element,
    el("div", { class: "actions" }, el("button", { type: "button", class: "secondary", on: { click: actions.startAgain } }, "Start again")),
  ];
  return { title: "Pick a second factor", content, refusal };
}
