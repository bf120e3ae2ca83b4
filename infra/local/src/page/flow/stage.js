// Where a flow is shown: one step of one flow at a time, and one thing done at a time.
//
// A step is `{ title, content, refusal }` and perhaps `fill`, which puts what `asks` names (a
// "code", if nothing else; or a "link") into its field. `wants` says which message of the inbox has
// it: `{ method, to, since }` for a code, `{ link, to }` for a link with that parameter.
//
// A flow says in `snapshot` what it needs to go on after the page was loaded again.

import { closeHelper } from "../common/authenticator.js";
import { byId, el } from "../common/dom.js";
import { keep } from "../common/kept.js";
import { nextAction } from "../common/log.js";
import { refusalOf } from "../steps/refusal.js";

let flow = null;
let step = null;
let busy = false;
let changed = () => {};

/** Begins a flow of these steps. Whatever an earlier flow still waits for is not shown any more. */
export function enter(names, snapshot) {
  flow = { names, snapshot };
}

/** Calls back when another step is shown. */
export function onStep(listener) {
  changed = listener;
}

/** Keeps where the flow is. */
export function keepFlow() {
  keep("flow", { names: flow.names, title: step.title, ...flow.snapshot() });
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
  closeHelper();
  if (focus) title.focus();
  keepFlow();
  changed();
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

/** Refused for what was typed, unless it says to wait; `hint` is what the page knows beside. */
export function refusedCode(answer, hint) {
  const refusal = { ...refusalOf(answer), hint };
  step.refusal.show(refusal);
  step.mark?.(!refusal.wait);
}
