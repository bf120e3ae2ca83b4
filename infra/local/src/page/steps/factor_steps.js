// The steps of second factors: the list, the key to scan, and the recovery codes.

import { codeInput } from "./code_step.js";
import { code, copyButton, el, icon } from "../common/dom.js";
import { refusalPlace } from "./refusal.js";

function button(label, action, attributes = {}) {
  return el("button", { type: "button", class: "secondary", ...attributes, on: { click: action } }, label);
}

/**
 * Lists the factors of a `view`, each with its possible changes. `news` says what was just
 * changed.
 */
export function factorsStep({ said, rows, add }, news, actions) {
  const refusal = refusalPlace();
  const items = rows.map((row) => el("li", { class: "factor-row" }, icon(row.method),
    el("span", { class: "factor-words" }, el("strong", {}, row.name), el("span", { class: "muted" }, row.hint)),
    row.changes.map((change) => button(change.label, () => actions.change(change),
      { class: "secondary small", "aria-label": change.what }))));
  return {
    title: "Second factors",
    content: [
      news && el("p", { class: "news" }, icon("done"), el("span", {}, news)),
      el("p", {}, said),
      rows.length > 0 && el("ul", { class: "factor-rows" }, items),
      refusal.element,
      el("div", { class: "actions" }, button(add, actions.add, { class: "primary" }),
        button("Sign in again", actions.signInAgain), button("Start again", actions.startAgain)),
      el("p", { class: "hint" }, "A change takes a login of the last ten minutes with the strongest factor that there is."),
    ],
    refusal,
  };
}

/** Shows a key as a QR code, and asks for the app's first code. */
export function scanStep({ key, uri }, actions) {
  const refusal = refusalPlace();
  const error = el("p", { class: "error", id: "code-error" });
  const input = codeInput("totp");
  const form = el("form", { novalidate: true, on: { submit(event) {
    event.preventDefault();
    const typed = input.value.trim();
    error.textContent = typed ? "" : "Enter the code first.";
    if (typed) actions.confirm(typed);
    else input.focus();
  } } },
  el("div", { class: "field" }, el("label", { for: "code" }, "Six-digit code"), input, error),
  refusal.element,
  el("div", { class: "actions" }, el("button", { type: "submit" }, "Confirm"), button("Back", actions.back)));
  return {
    title: "Scan the QR code",
    content: [
      el("p", {}, "Scan it with an authenticator app, or type the key. The demo authenticator has done so. Then enter the six digits."),
      el("div", { class: "scan" },
        el("img", { class: "qr", src: `/_local/qr?${new URLSearchParams({ text: uri })}`, width: 220, height: 220,
          alt: "QR code of the key" }),
        el("div", { class: "scan-key" },
          el("div", { class: "exchange-head" }, el("h3", {}, "Key"), copyButton("the key", () => key)),
          el("code", { class: "letters" }, key.match(/.{1,4}/g).join(" ")),
          el("details", { class: "raw" }, el("summary", {}, "What the QR code says"), code("What the QR code says", uri)))),
      form,
    ],
    refusal,
    mark(wrong) {
      if (wrong) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    },
    fill(text) {
      input.value = text;
      error.textContent = "";
      input.focus();
    },
  };
}

/** Shows recovery codes, only this once. */
export function keepStep(codes, said, actions) {
  const refusal = refusalPlace();
  const all = codes.join("\n");
  return {
    title: codes.length > 1 ? "Keep your recovery codes" : "Keep your recovery code",
    content: [
      el("p", { class: "news" }, icon("done"), el("span", {}, said)),
      el("p", {}, codes.length > 1
        ? "Each signs in once, if the authenticator is lost. They are shown this once; the service keeps only hashes."
        : "It signs in once, if the authenticator is lost. It is shown this once; the service keeps only a hash."),
      el("div", { class: "new-code" },
        el("ul", { class: "kept-codes", "aria-label": "Recovery codes" },
          codes.map((one) => el("li", {}, el("code", { class: "letters" }, one)))),
        copyButton(codes.length > 1 ? "the recovery codes" : "the recovery code", () => all)),
      refusal.element,
      el("div", { class: "actions" }, button(codes.length > 1 ? "I have kept them" : "I have kept it", actions.kept, { class: "primary" })),
    ],
    refusal,
  };
}
