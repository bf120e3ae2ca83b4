// Runs commands of the operators' tool on this service, and shows each as a command line.

import { announce, byId, code, copyButton, el, icon } from "../common/dom.js";
import { quoted, send } from "../common/http.js";

const MOST_SHOWN = 30;

let count = 0;

/** Runs a command that only reads. Returns its value, or null after a refusal. */
export async function ask(...command) {
  const answer = await run(command);
  return answer.exit_code === 0 ? answer.value : null;
}

/**
 * Runs a command that changes something, and shows the command line with what it printed.
 * Returns `{ done, text, value }`. `text` is the tool's answer for people.
 */
export function change(...command) {
  return changeWith({}, ...command);
}

/** Like `change`, with members of the request that stand beside the command. */
export async function changeWith(beside, ...command) {
  const answer = await run(command, beside);
  const done = answer.exit_code === 0;
  show(command, answer, done);
  announce(answer.text);
  return { done, text: answer.text.trim(), value: answer.value };
}

async function run(command, beside = {}) {
  const answer = await send({ method: "POST", path: "/_local/operate", json: { command, ...beside } });
  byId("offline").hidden = answer.status !== 0;
  if (answer.ok) return answer.body;
  return { exit_code: 1, text: answer.body?.error ?? "The service does not answer.", value: null };
}

function show(command, { text }, done) {
  count += 1;
  const line = ["countersign", "--local", ...command.map(quoted)].join(" ");
  const entry = el("details", {},
    el("summary", {},
      el("span", { class: "exchange-number", "aria-hidden": "true" }, String(count)),
      el("code", { class: "exchange-title" }, line),
      el("span", { class: `status ${done ? "good" : "bad"}` }, done ? "done" : "refused"),
      icon("arrow")),
    el("div", { class: "exchange-part" },
      el("div", { class: "exchange-head" }, el("h3", {}, "Output"), copyButton(`command ${count}`, () => line)),
      code(`output of command ${count}`, text.trim())));
  const list = byId("commands");
  list.prepend(el("li", { value: count }, entry));
  while (list.children.length > MOST_SHOWN) list.lastChild.remove();
  byId("commands-none").hidden = true;
}
