// The messages, by recipient.

import { duration, el, field } from "../common/dom.js";
import { item } from "../inbox/inbox_item.js";
import { follow } from "./feed.js";
import { rows } from "./parts.js";

const MOST_SHOWN = 100;

/** The live list, with a search. Returns a function that ends it. */
export function messages(body) {
  let all = [];
  const list = el("div", {});
  const search = field("message-search", "Search", { type: "search", autocomplete: "off" }, "Words of a message.");
  const to = el("div", { class: "field" }, el("label", { for: "recipient" }, "Recipient"), el("select", { id: "recipient" }));
  const chosen = to.querySelector("select");
  const show = () => {
    const wanted = search.querySelector("input").value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = all.filter((message) => {
      const text = [message.to, message.subject, message.text].join("\n").toLowerCase();
      return (!chosen.value || message.to === chosen.value) && wanted.every((word) => text.includes(word));
    });
    list.replaceChildren(rows(found.slice(0, MOST_SHOWN).map(shown),
      all.length === 0 ? "No message was sent since the start." : "No message has these words."));
  };
  for (const input of [search, to]) input.addEventListener("input", show);
  body.replaceChildren(el("div", { class: "tools" }, to, search), list);
  show();
  return follow("/_local/inbox", "messages", (items) => {
    all = items;
    const before = chosen.value;
    const names = [...new Set(all.map((message) => message.to))].sort();
    chosen.replaceChildren(el("option", { value: "" }, "Everybody"), ...names.map((name) => el("option", { value: name }, name)));
    chosen.value = names.includes(before) ? before : "";
    show();
  });
}

function shown(message) {
  const { element, update } = item(message, false, () => {});
  update(`${duration(Date.now() / 1000 - message.at)} ago`, null);
  const inner = el("div", { class: "message" });
  inner.append(...element.childNodes);
  return inner;
}
