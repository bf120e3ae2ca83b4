// Makes elements. Text is always set as text, and never parsed as markup.

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element with these attributes, listeners (`on`) and children.
 * A child that is null or false is left out; any other that is no node becomes text.
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  const { on = {}, ...rest } = attributes;
  for (const [name, value] of Object.entries(rest)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, String(value));
  }
  for (const [event, listener] of Object.entries(on)) element.addEventListener(event, listener);
  element.append(...children.flat().filter((child) => child != null && child !== false));
  return element;
}

const DRAWINGS = {
  email: "M3.5 6.5h17v11h-17z M4 7l8 6.5L20 7",
  sms: "M4 5.5h16v10.5h-9l-4.5 3.5v-3.5H4z M8 9.5h8 M8 12.5h5",
  webhook: "M9 8a3.5 3.5 0 1 1 4.6 3.3L16 15 M7.5 11.5a3.5 3.5 0 1 0 3 5.5h5.5 M19.5 13.5a3.5 3.5 0 1 1-4 5",
  totp: "M7.5 3.5h9v17h-9z M10.5 17.5h3 M10 8.5h1 M13 8.5h1 M10 11.5h1 M13 11.5h1",
  recovery: "M12 3.5l7 2.5v5.5c0 4.5-3 7.5-7 9-4-1.5-7-4.5-7-9V6z M9 12l2.2 2.2L15.2 10",
  arrow: "M9 5.5l6.5 6.5L9 18.5",
  stop: "M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 0 0 0-17z M12 8v5 M12 15.8v.4",
  done: "M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 0 0 0-17z M8.2 12.2l2.6 2.6 5-5.4",
};

/** A decorative drawing beside a text with the same meaning. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({
    viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true", focusable: "false",
  })) svg.setAttribute(key, value);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", DRAWINGS[name]);
  svg.append(path);
  return svg;
}

export function byId(id) {
  return document.getElementById(id);
}

/** A text that a screen reader reads when it is idle. */
export function announce(text) {
  const place = byId("announce");
  place.textContent = "";
  // The region is emptied first. Otherwise a repeated sentence is not read again.
  requestAnimationFrame(() => { place.textContent = text; });
}

/** A labelled input in a block. `attributes` are the input's; `hint` stands below it. */
export function field(id, label, attributes, hint) {
  const described = hint ? `${id}-hint` : null;
  return el("div", { class: "field" },
    el("label", { for: id }, label),
    el("input", { id, name: id, type: "text", autocapitalize: "none", spellcheck: "false",
      "aria-describedby": described, ...attributes }),
    hint && el("p", { class: "hint", id: described }, hint));
}

/** A button that copies the result of `text()`. `what` completes the sentence "Copy …". */
export function copyButton(what, text) {
  const button = el("button", { type: "button", class: "quiet copy", "aria-label": `Copy ${what}` }, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text());
      button.textContent = "Copied";
      announce(`Copied ${what}`);
    } catch {
      button.textContent = "Not allowed";
      announce("The browser did not allow copying");
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  return button;
}

/** Preformatted text that scrolls, with the keyboard too. */
export function code(label, text) {
  return el("pre", { tabindex: 0, role: "group", "aria-label": label }, el("code", {}, text));
}

/** 352 as "5 min 52 s". */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const at = parts.findIndex(([size]) => whole >= size);
  if (at < 0) return "0 s";
  const [size, unit] = parts[at];
  const rest = parts[at + 1];
  const first = `${Math.floor(whole / size)} ${unit}`;
  const left = rest ? Math.floor((whole % size) / rest[0]) : 0;
  return left ? `${first} ${left} ${rest[1]}` : first;
}

/** Seconds since 1970 as "2026-11-21 20:31:52". */
export function utc(seconds) {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ");
}
