// What the service sent, read every second while the page can be seen.

import { byId, duration, el, icon, utc } from "./dom.js";
import { everySecond, now } from "./clock.js";
import { send } from "./http.js";

const PERIOD = 1000;
const MOST_SHOWN = 20;

let known = null;
let useText = () => {};
let underWay = null;

function key(message) {
  return JSON.stringify([message.channel, message.to, message.text, message.at]);
}

const NAMES = { email: "E-mail", sms: "Text message", webhook: "Webhook" };

function name(message) {
  return NAMES[message.channel];
}

/** Reads the inbox now. */
export function readInbox() {
  underWay ??= read().finally(() => { underWay = null; });
  return underWay;
}

async function read() {
  const answer = await send({ method: "GET", path: "/_local/messages" });
  byId("offline").hidden = answer.ok;
  if (answer.ok) show(answer.body);
}

function show(messages) {
  const keys = messages.map(key);
  if (known && keys.join() === known.join()) return;
  const news = known ? messages.length - sameTail(keys, known) : 0;
  const first = known === null;
  known = keys;
  byId("inbox-none").hidden = messages.length > 0;
  byId("inbox-clear").hidden = messages.length === 0;
  const shown = messages.slice(0, MOST_SHOWN);
  const list = byId("messages");
  if (first || news === 0) list.replaceChildren(...shown.map((message) => item(message)));
  else {
    for (const older of list.querySelectorAll(".fresh")) older.classList.remove("fresh");
    list.prepend(...shown.slice(0, news).map((message) => item(message, true)));
    while (list.children.length > MOST_SHOWN) list.lastChild.remove();
  }
  for (const message of shown.slice(0, news).reverse()) say(message);
}

/** How many of the newest-first `keys` were there before, counted from the oldest; the whole
 *  list is shown anew when what was there is gone. */
function sameTail(keys, before) {
  const tail = keys.slice(keys.length - before.length);
  const grown = keys.length >= before.length && tail.join() === before.join();
  return grown ? before.length : keys.length;
}

/** The link of a message that confirms or resets something. */
function linkOf(message) {
  return message.text.match(/https?:\/\/\S+[?&]\w*token=\S+/i)?.[0] ?? null;
}

/** One to Aidbox's pages is opened there; any other leads to an app, which this page stands in for. */
function linkElement(link, subject) {
  if (new URL(link).pathname.startsWith("/auth/")) {
    return el("p", {}, el("a", { href: link, target: "_blank", rel: "noopener" }, "Open this link"));
  }
  return el("button", { type: "button", class: "use use-link", "aria-label": `Use this link: ${subject}`,
    on: { click: () => useText("link", link) } }, "Use this link");
}

function say(message) {
  const code = message.code ? ` Its code is ${message.code.split("").join(" ")}.` : "";
  const log = byId("announce-inbox");
  const link = linkOf(message) ? " It has a link." : "";
  log.append(el("p", {}, `${name(message)} to ${message.to}.${code}${link}`));
  while (log.children.length > 3) log.firstChild.remove();
}

function item(message, fresh = false) {
  const age = el("time", { datetime: `${utc(message.at).replace(" ", "T")}Z` });
  const link = linkOf(message);
  const entry = el("li", { class: fresh ? "message fresh" : "message" },
    el("div", { class: "message-head" },
      icon(message.channel), el("strong", {}, name(message)), age),
    el("p", { class: "message-to" }, `to ${message.to}`),
    message.code && el("div", { class: "message-code" },
      el("code", { class: "digits" }, message.code),
      el("button", { type: "button", class: "use", "aria-label": `Use this code: ${message.code}`,
        on: { click: () => useText("code", message.code) } }, "Use this code")),
    link && linkElement(link, message.subject),
    el("details", { class: "message-text" },
      el("summary", {}, message.subject ?? "The whole message"),
      el("p", {}, message.text.trim())));
  let attached = false;
  everySecond(() => {
    if (attached && !entry.isConnected) return false;
    attached ||= entry.isConnected;
    const seconds = now() - message.at;
    age.textContent = seconds < 5 ? "just now" : `${duration(seconds)} ago`;
    return true;
  });
  return entry;
}

/** Starts reading. `use` is called with "code" or "link", and the one that was chosen. */
export function startInbox(use) {
  useText = use;
  byId("inbox-clear").addEventListener("click", async () => {
    await send({ method: "DELETE", path: "/_local/messages" });
    await readInbox();
    const title = byId("inbox-title");
    title.tabIndex = -1;
    title.focus();
  });
  setInterval(() => document.hidden || readInbox(), PERIOD);
  document.addEventListener("visibilitychange", () => document.hidden || readInbox());
  return readInbox();
}
