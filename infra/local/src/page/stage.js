// Where a flow is shown: one step of one flow at a time, and one thing done at a time.
//
// A step is `{ title, content, refusal }` and perhaps `fill`, which puts what `asks` names (a
// "code", if nothing else; or a "link") into its field.

import { closeHelper } from "./authenticator.js";
import { byId, el } from "./dom.js";
import { nextAction } from "./log.js";
import { refusalOf } from "./refusal.js";

let flow = null;
let step = null;
let busy = false;

/** Begins a flow of these steps. Whatever an earlier flow still waits for is not shown any more. */
export function enter(names) {
  flow = { names };
}

/** Shows a step of the flow, under one of its names. */
export function show(name, next, focus = true) {
  const at = flow.names.indexOf(name);
  step = next;
  const title = el("h2", { id: "step-title", tabindex: -1 }, next.title);
  byId("step").replaceChildren(title, ...next.content.filter(Boolean));
  byId("progress").replaceChildren(...flow.names.map((one, index) => {
    const where = index < at ? "done" : index === at ? "current" : "ahead";
    return el("li", { class: where, "aria-current": index === at && "step" }, el("span", {}, one),
      index < at && el("span", { class: "visually-hidden" }, ", done"));
  }));
  for (const what of ["code", "link"]) {
    document.body.classList.toggle(`asks-${what}`, Boolean(next.fill) && (next.asks ?? "code") === what);
  }
  closeHelper();
  if (focus) title.focus();
}

/** Puts a code or a link into the field, if that is what is asked for. */
export function use(what, text) {
  if ((step.asks ?? "code") === what) step.fill?.(text);
}

/** The step that is shown. */
export function shown() {
  return step;
}

/**
 * Does one thing at a time. `work` gets a function that tells whether the flow it began in was
 * left meanwhile.
 */
export async function act(work) {
  if (busy) return;
  busy = true;
  byId("step").setAttribute("aria-busy", "true");
  step.refusal.clear();
  step.mark?.(false);
  nextAction();
  const mine = flow;
  try {
    await work(() => flow !== mine);
  } finally {
    busy = false;
    byId("step").removeAttribute("aria-busy");
  }
}

/** Says in the step what was refused. */
export function refused(answer) {
  step.refusal.show(refusalOf(answer));
}

/** Refused for what was typed, unless it says to wait. */
export function refusedCode(answer) {
  const refusal = refusalOf(answer);
  step.refusal.show(refusal);
  step.mark?.(!refusal.wait);
}
