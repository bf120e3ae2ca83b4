// The inbox: the messages that the service sent. While the page is visible, it asks
// `/_local/inbox` every second for the messages after the last cursor. So each message
// comes once.

import { byId, duration, el } from "../common/dom.js";
import { everySecond, now } from "../common/clock.js";
import { send } from "../common/http.js";
import { item, name } from "./inbox_item.js";
import { fits, linkOf } from "./wanted.js";

const PERIOD = 1000;
const MOST_KEPT = 1000;
const AT_FIRST = 20;
const MORE = 50;
const MOST_SAID = 3;

let cursor = null;
let messages = [];
let limit = AT_FIRST;
let useText = () => {};
let underWay = null;

/** The elements of the shown messages, by id. */
const shown = new Map();

/** Reads the new messages. */
export function readInbox() {
  underWay ??= read().finally(() => { underWay = null; });
  return underWay;
}

async function read() {
  const answer = await send({ method: "GET", path: "/_local/inbox", query: { after: cursor } });
  byId("offline").hidden = answer.ok;
  if (!answer.ok) return;
  const { whole, messages: news } = answer.body;
  const first = cursor === null;
  ({ cursor } = answer.body);
  if (!whole && news.length === 0) return;
  messages = (whole ? news : [...news, ...messages]).slice(0, MOST_KEPT);
  if (whole) limit = AT_FIRST;
  const fresh = first ? [] : news;
  render(new Set(fresh.map(({ id }) => id)));
  for (const message of fresh.slice(0, MOST_SAID).reverse()) say(message);
}

/** The messages that match the search. */
function found() {
  const words = byId("inbox-search").value.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return messages;
  return messages.filter((message) => {
    message.searched ??= [name(message), message.to, message.subject, message.text].join("\n").toLowerCase();
    return words.every((word) => message.searched.includes(word));
  });
}

/** Shows the newest matching messages. Existing elements stay unchanged. */
function render(fresh = new Set()) {
  const all = found();
  const wanted = all.slice(0, limit);
  const list = byId("messages");
  const ids = new Set(wanted.map(({ id }) => id));
  for (const [id, entry] of shown) {
    entry.element.classList.toggle("fresh", fresh.has(id));
    if (ids.has(id)) continue;
    entry.element.remove();
    shown.delete(id);
  }
  let next = list.firstChild;
  for (const message of wanted) {
    const entry = shown.get(message.id) ?? item(message, fresh.has(message.id), useText);
    shown.set(message.id, entry);
    if (entry.element === next) next = next.nextSibling;
    else list.insertBefore(entry.element, next);
  }
  byId("inbox-none").hidden = messages.length > 0;
  byId("inbox-clear").hidden = messages.length === 0;
  byId("inbox-find").hidden = messages.length === 0;
  byId("inbox-unfound").hidden = messages.length === 0 || all.length > 0;
  byId("inbox-more").hidden = all.length <= limit;
  byId("inbox-count").textContent = all.length > wanted.length ? `${wanted.length} of ${all.length}` : "";
  refreshInbox();
}

/** Updates the age of each shown message, and whether it fits the step. */
export function refreshInbox() {
  for (const { message, update } of shown.values()) {
    const seconds = now() - message.at;
    update(seconds < 5 ? "just now" : `${duration(seconds)} ago`, fits(message, messages));
  }
}

function say(message) {
  const code = message.code ? ` Its code is ${message.code.split("").join(" ")}.` : "";
  const log = byId("announce-inbox");
  const link = linkOf(message) ? " It has a link." : "";
  log.append(el("p", {}, `${name(message)} to ${message.to}.${code}${link}`));
  while (log.children.length > MOST_SAID) log.firstChild.remove();
}

/** Starts reading. Calls `use` with "code" or "link" and the value that the user chose. */
export function startInbox(use) {
  useText = use;
  byId("inbox-clear").addEventListener("click", async () => {
    await send({ method: "DELETE", path: "/_local/messages" });
    byId("inbox-search").value = "";
    await readInbox();
    const title = byId("inbox-title");
    title.tabIndex = -1;
    title.focus();
  });
  byId("inbox-search").addEventListener("input", () => {
    limit = AT_FIRST;
    render();
  });
  byId("inbox-more").addEventListener("click", () => {
    const first = limit;
    limit += MORE;
    render();
    byId("messages").children[first]?.querySelector("summary")?.focus();
  });
  everySecond(() => { refreshInbox(); });
  setInterval(() => document.hidden || readInbox(), PERIOD);
  document.addEventListener("visibilitychange", () => document.hidden || readInbox());
  return readInbox();
}
