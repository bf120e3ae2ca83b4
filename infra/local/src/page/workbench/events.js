// The events, as they happen.

import { code, el, field } from "../common/dom.js";
import { follow } from "./feed.js";
import { rows } from "./parts.js";

const MOST_SHOWN = 100;

/** The live list, with a filter. Returns a function that ends it. */
export function events(body) {
  let all = [];
  const opened = new Set();
  const list = el("div", {});
  const search = field("event-search", "Filter", { type: "search", autocomplete: "off" },
    "Words of an event: a type such as fp, a reason, a user's identifier, a client, an address.");
  const only = el("label", { class: "only" }, el("input", { type: "checkbox", id: "only-refused" }), " Refusals only");
  const show = () => {
    const wanted = search.querySelector("input").value.toLowerCase().split(/\s+/).filter(Boolean);
    const refusals = only.querySelector("input").checked;
    const found = all.filter(({ event }) => {
      const text = JSON.stringify(event).toLowerCase();
      return (!refusals || event.data.reason) && wanted.every((word) => text.includes(word));
    });
    list.replaceChildren(rows(found.slice(0, MOST_SHOWN).map((item) => keptOpen(item, opened)),
      all.length === 0 ? "Nothing has happened since the start. Sign in, and watch." : "No event has these words."));
  };
  for (const input of [search, only]) input.addEventListener("input", show);
  body.replaceChildren(el("div", { class: "tools" }, search, only), list);
  show();
  return follow("/_local/events", "events", (items) => {
    all = items;
    show();
  });
}

/** An event that stays open when the list is shown anew. `opened` has the ids of open events. */
function keptOpen({ id, event }, opened) {
  const row = eventRow(event);
  row.open = opened.has(id);
  row.addEventListener("toggle", () => (row.open ? opened.add(id) : opened.delete(id)));
  return row;
}

/** One event: a CloudEvent. */
export function eventRow({ type, time, data }) {
  const { event, reason, act, by, user_id: user, client_id: client, factor, ip, dialect } = data;
  const who = [user && `user ${user}`, client && `client ${client}`, factor, dialect, ip, by && `by ${by}`].filter(Boolean).join(" · ");
  const what = [act ?? event, reason].filter(Boolean).join(": ");
  return el("details", { class: reason ? "event refused" : "event" },
    el("summary", {}, el("span", { class: "type" }, type), el("span", { class: "what" }, what),
      el("time", { datetime: time }, time.slice(11, 19)), el("span", { class: "who" }, who)),
    code("the whole event", JSON.stringify(data, null, 2)));
}
