// One message of the inbox.

import { el, icon, utc } from "../common/dom.js";
import { linkOf } from "./wanted.js";

const NAMES = { email: "E-mail", sms: "Text message", webhook: "Webhook" };

/** How a message came. */
export function name(message) {
  return NAMES[message.channel];
}

/**
 * A message as `{ message, element, update }`. `update` takes the message's age in words, and
 * what the message is for the current step (see wanted.js).
 */
export function item(message, fresh, use) {
  const age = el("time", { datetime: `${utc(message.at).replace(" ", "T")}Z` });
  const link = linkOf(message);
  const useCode = message.code && button("Use this code", message.code, () => use("code", message.code));
  const useLink = link && button("Use this link", message.subject, () => use("link", link));
  const used = el("span", { class: "muted used", hidden: true }, "Used: a code is good once.");
  const element = el("li", { class: fresh ? "message fresh" : "message" },
    el("div", { class: "message-head" },
      icon(message.channel), el("strong", {}, name(message)), age),
    el("p", { class: "message-to" }, `to ${message.to}`),
    message.code && el("div", { class: "message-code" }, el("code", { class: "digits" }, message.code), useCode, used),
    link && linkElement(link, useLink),
    content(message));
  const update = (words, what) => {
    age.textContent = words;
    if (useCode) useCode.hidden = what !== "code";
    if (useLink) useLink.hidden = what !== "link";
    used.hidden = what !== "used";
  };
  return { message, element, update };
}

function button(label, what, action) {
  return el("button", { type: "button", class: "use", hidden: true, "aria-label": `${label}: ${what}`,
    on: { click: action } }, label);
}

/**
 * A link to Aidbox's pages opens there. Any other link leads to an app, which this page
 * replaces.
 */
function linkElement(link, useLink) {
  if (!new URL(link).pathname.startsWith("/auth/")) return useLink;
  return el("p", {}, el("a", { href: link, target: "_blank", rel: "noopener" }, "Open this link"));
}

/** The text, and for an e-mail with HTML also the view of a mail program. */
function content(message) {
  const text = el("p", {}, message.text.trim());
  return el("details", { class: "message-text" },
    el("summary", {}, message.subject ?? "The whole message"),
    message.html && htmlSwitch(message, text),
    text);
}

function htmlSwitch(message, text) {
  let frame = null;
  const turn = el("button", { type: "button", class: "quiet", "aria-pressed": "false" }, "Show as HTML");
  turn.addEventListener("click", () => {
    // The frame forbids scripts and navigation for the e-mail, and so do the headers of
    // the answer.
    frame ??= el("iframe", { sandbox: "", class: "mail", title: `The mail: ${message.subject}`,
      src: `/_local/inbox/${message.id}/html` });
    const asText = frame.isConnected;
    if (asText) frame.replaceWith(text);
    else text.replaceWith(frame);
    turn.textContent = asText ? "Show as HTML" : "Show as text";
    turn.setAttribute("aria-pressed", String(!asText));
  });
  return turn;
}
