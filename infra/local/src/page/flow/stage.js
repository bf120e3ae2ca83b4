// The place where a flow is shown. It shows one step of one flow at a time, and does
// one thing at a time.
//
// A step is `{ title, content, refusal }` and optionally `fill`, which puts a value
// into the step's field. `asks` names the kind of value: a "code" (the default) or a
// "link". `wants` describes the message of the inbox that has the value: `{ method, to,
// since }` for a code, `{ link, to }` for a link with that parameter.
//
// A flow's `snapshot` has the data that it needs to continue after a reload.

import { closeHelper } from "../common/authenticator.js";
import { byId, el } from "../common/dom.js";
import { keep } from "../common/tab_storage.js";
import { nextAction } from "../common/log.js";
import { refusalOf } from "../steps/refusal.js";

let flow = null;
let step = null;
let busy = false;
let changed = () => {};

/** Starts a flow with these steps. Results that an earlier flow still waits for are not shown. */
export function enter(names, snapshot) {
  flow = { names, snapshot };
}

/** Calls back when another step is shown. */
export function onStep(listener) {
  changed = listener;
}

/** Stores the flow's current step. */
export function keepFlow() {
  keep("flow", { names: flow.names, title: step.title, ...flow.snapshot() });
}

/** Shows a step of the flow, by one of its names. */
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

/** Puts a code or a link into the field, if the step asks for that kind. */
export function use(what, text) {
  if ((step.asks ?? "code") === what) step.fill?.(text);
}

/** The step that is shown. */
export function shown() {
  return step;
}

/**
 * Does one thing at a time. `work` gets a function that tells whether the flow was left since
 * `work` began.
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

/** Shows a refusal in the step. */
export function refused(answer) {
  step.refusal.show(refusalOf(answer));
}

/**
 * Shows a refusal at the field, unless it says to wait. `hint` is what the page knows in
 * addition.
 */
export function refusedCode(answer, hint) {
  const refusal = { ...refusalOf(answer), hint };
  step.refusal.show(refusal);
  step.mark?.(!refusal.wait);
}
