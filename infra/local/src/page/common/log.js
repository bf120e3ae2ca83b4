// Every request of the page with its answer, newest first.

import { byId, code, copyButton, el, icon } from "./dom.js";
import { keepNonce, proven, wantsNonce } from "./dpop.js";
import { curl, send } from "./http.js";
import { keep, kept } from "./tab_storage.js";

/** The headers that are shown. The other headers are equal in all answers. */
const SHOWN = ["content-type", "cache-control", "retry-after", "x-ratelimit-limit",
  "x-ratelimit-remaining", "x-ratelimit-reset", "www-authenticate", "dpop-nonce", "x-request-id"];

const MOST_KEPT = 60;

let count = 0;
let opened = [];

/** The entries that are shown, newest first, in their stored form. */
let exchanges = [];

/** Requests of one button press stay open until the next press. */
export function nextAction() {
  for (const entry of opened) entry.open = false;
  opened = [];
  for (const exchange of exchanges) exchange.open = false;
}

/**
 * Sends a request and shows it with its answer, folded if `folded`. `asks` decides whether an
 * answer is not a refusal but a question, such as the question for a second factor. A proof
 * that lacks a nonce is made again, once.
 */
export async function logged(title, request, options = {}) {
  const answer = await once(title, request, options);
  return wantsNonce(answer) ? once(`${title}, with the nonce`, request, options) : answer;
}

async function once(title, wanted, { folded = false, asks = () => false }) {
  const request = await proven(wanted);
  const answer = await send(request);
  keepNonce(answer.headers);
  count += 1;
  const kind = answer.ok ? "good" : asks(answer) || wantsNonce(answer) ? "asks" : "bad";
  exchanges.unshift({ count, title, request, answer: plain(answer), kind, open: !folded });
  exchanges = exchanges.slice(0, MOST_KEPT);
  showExchange(exchanges[0], answer);
  // If the storage is full, the oldest entries are dropped.
  while (!keep("log", exchanges) && exchanges.length > 1) exchanges = exchanges.slice(0, exchanges.length / 2);
  return answer;
}

/** An answer in a form that fits into JSON. */
function plain({ status, ok, reason, headers, text, body }) {
  const shown = SHOWN.filter((name) => headers.has(name)).map((name) => [name, headers.get(name)]);
  return { status, ok, reason, headers: shown, text, body };
}

function showExchange(exchange, answer) {
  const list = byId("exchanges");
  list.prepend(entry(exchange, answer));
  while (list.children.length > MOST_KEPT) list.lastChild.remove();
  for (const id of ["log-none", "log-clear"]) byId(id).hidden = id === "log-none";
}

/** Shows the entries again after a reload. */
function restore() {
  exchanges = kept("log") ?? [];
  for (const exchange of [...exchanges].reverse()) {
    ({ count } = exchange);
    showExchange(exchange, { ...exchange.answer, headers: new Headers(exchange.answer.headers) });
  }
}

function entry({ title, request, kind, open, count }, answer) {
  const status = [answer.status || "", answer.reason].join(" ").trim();
  const command = curl(request);
  const shown = answerText(answer, status);
  const details = el("details", { open },
    el("summary", {},
      el("span", { class: "exchange-number", "aria-hidden": "true" }, String(count)),
      el("span", { class: "exchange-title" }, title),
      el("code", { class: "exchange-path" }, `${request.method} ${request.path}`),
      el("span", { class: `status ${kind}` }, answer.status || "–", el("span", { class: "reason" }, ` ${answer.reason}`)),
      icon("arrow")),
    part("Request", `request ${count} as curl`, command),
    part("Answer", `answer ${count}`, shown));
  if (open) opened.push(details);
  return el("li", { value: count }, details);
}

function part(heading, what, text) {
  return el("div", { class: "exchange-part" },
    el("div", { class: "exchange-head" }, el("h3", {}, heading), copyButton(what, () => text)),
    code(what, text));
}

function answerText(answer, status) {
  const headers = SHOWN.filter((name) => answer.headers.has(name))
    .map((name) => `${name}: ${answer.headers.get(name)}`);
  const body = answer.body === null ? answer.text : JSON.stringify(answer.body, null, 2);
  return [status, ...headers, "", body].join("\n").trimEnd();
}

export function startLog() {
  restore();
  byId("log-clear").addEventListener("click", () => {
    byId("exchanges").replaceChildren();
    exchanges = [];
    keep("log", null);
    opened = [];
    byId("log-none").hidden = false;
    byId("log-clear").hidden = true;
    const title = byId("log-title");
    title.tabIndex = -1;
    title.focus();
  });
}
