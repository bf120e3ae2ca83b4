// What the views are made of.

import { el } from "../common/dom.js";

/** A heading inside a view. */
export function title(text) {
  return el("h3", { class: "part-title" }, text);
}

/** A small label. `kind` is "good", "bad" or nothing. */
export function badge(text, kind = "") {
  return el("span", { class: `badge ${kind}`.trim() }, text);
}

/** Name and value pairs. A pair without a value is left out. */
export function claims(pairs) {
  const shown = pairs.filter(([, value]) => value != null && value !== "" && value.length !== 0);
  return el("dl", { class: "claims sheet" }, shown.map(([name, value]) =>
    el("div", {}, el("dt", {}, name), el("dd", {}, Array.isArray(value) ? value.join(", ") : String(value)))));
}

/** Rows of a list, or a sentence if there is none. */
export function rows(items, none) {
  return items.length === 0 ? el("p", { class: "muted" }, none) : el("ul", { class: "rows" }, items.map((item) => el("li", {}, item)));
}

/** A button. The press is ignored while an earlier press is under way. */
export function action(label, press, kind = "secondary") {
  const button = el("button", { type: "button", class: kind }, label);
  button.addEventListener("click", async () => {
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    try {
      await press();
    } finally {
      button.removeAttribute("aria-busy");
    }
  });
  return button;
}

/** A button that asks once more before it acts. */
export function dangerous(label, sure, press) {
  let asked = false;
  const button = action(label, async () => {
    if (asked) {
      await press();
      return;
    }
    asked = true;
    button.textContent = sure;
  }, "danger");
  button.addEventListener("blur", () => {
    asked = false;
    button.textContent = label;
  });
  return button;
}

/** The lines of a text that are not empty. */
export function lines(text) {
  return text.split("\n").map((line) => line.trim()).filter(Boolean);
}

/** The words of a text. */
export function words(text) {
  return text.split(/[\s,]+/).filter(Boolean);
}

/** A labelled field for several lines. */
export function area(id, label, value, hint) {
  return el("div", { class: "field" }, el("label", { for: id }, label),
    el("textarea", { id, name: id, spellcheck: "false", autocapitalize: "none" }, value),
    hint && el("p", { class: "hint" }, hint));
}

/** A form that is folded until it is wanted. `send` gets the form's fields by name. */
export function folded(summary, submit, fields, send) {
  const error = el("p", { class: "error", role: "alert" });
  const form = el("form", { novalidate: true }, el("div", { class: "fields" }, fields),
    el("div", { class: "buttons" }, el("button", { type: "submit" }, submit)), error);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    error.textContent = "";
    const problem = await send(Object.fromEntries(new FormData(form)));
    if (problem) error.textContent = problem;
  });
  return el("details", { class: "more" }, el("summary", {}, summary), form);
}
