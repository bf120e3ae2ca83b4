// The settings in force, and where each value comes from.

import { el, field } from "../common/dom.js";
import { send } from "../common/http.js";
import { badge, title } from "./parts.js";

/** The list, with a filter. */
export async function settings(body) {
  const answer = await send({ method: "GET", path: "/_local/settings" });
  const subjects = answer.ok ? answer.body : [];
  const list = el("div", {});
  const search = field("setting-search", "Filter", { type: "search", autocomplete: "off" }, "Words of a name or of a meaning.");
  const own = el("label", { class: "only" }, el("input", { type: "checkbox" }), " Without the defaults");
  const show = () => {
    const wanted = search.querySelector("input").value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = ({ name, meaning, from }) => (!own.querySelector("input").checked || from !== "default")
      && wanted.every((word) => `${name} ${meaning}`.toLowerCase().includes(word));
    list.replaceChildren(...subjects.flatMap(({ title: subject, settings: all }) => {
      const found = all.filter(fits);
      return found.length === 0 ? [] : [title(subject), ...found.map(shown)];
    }));
  };
  for (const input of [search, own]) input.addEventListener("input", show);
  body.replaceChildren(el("p", { class: "muted" }, "Set a variable of this name in the environment of ",
    el("code", {}, "cargo local"), " to change a value. A deployment has the same settings as parameters."),
  state(), el("div", { class: "tools" }, search, own), list);
  show();
}

/** Saves users and clients as a file that a later start begins with. */
function state() {
  return el("div", { class: "buttons" },
    el("a", { class: "button", href: "/_local/state", download: "countersign-state.json" }, "Save users and clients"),
    el("span", { class: "muted" }, "As a file that ", el("code", {}, "cargo local --seed FILE"), " starts from. Keep it as you keep passwords."));
}

function shown({ name, value, from, meaning }) {
  return el("div", { class: "setting" },
    el("div", { class: "setting-head" }, el("code", {}, name), badge(from, from === "environment" ? "good" : "")),
    el("code", { class: "value" }, value), el("span", { class: "muted" }, meaning.replaceAll(/\[([^\]]+)\]\([^)]+\)/g, "$1").replaceAll("`", "")));
}
