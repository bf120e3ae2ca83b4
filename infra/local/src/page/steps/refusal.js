// Shows a refusal in plain words, with the time to wait.

import { advance, everySecond, now } from "../common/clock.js";
import { duration, el, icon } from "../common/dom.js";

/** The message of an unsuccessful answer, in any dialect. */
export function refusalOf(answer) {
  const { status, reason, body, headers } = answer;
  if (status === 0) return { sentence: "The service does not answer.", code: "" };
  if (body === false) return { sentence: "The answer is false: the code is wrong, or the login is over.", code: `${status} ${reason}` };
  const error = body?.error;
  const inRest = error !== null && typeof error === "object";
  const sentence = inRest ? [error.message, ...(error.validationErrors ?? []).map((one) => one.message)].join(" ")
    : body?.error_description ?? codeMazeSentence(answer);
  const code = inRest ? "" : error;
  return {
    sentence: sentence ?? "The service refused.",
    code: [status, reason, code].filter(Boolean).join(" "),
    wait: Number(headers.get("retry-after")) || 0,
  };
}

/**
 * CodeMaze's login has the message in `errorMessage`, its forms in `errors`, and other calls
 * in plain text.
 */
function codeMazeSentence({ body, text, headers }) {
  if (body?.errorMessage) return body.errorMessage;
  if (body?.errors) return Object.values(body.errors).flat().join(" ");
  return headers.get("content-type")?.startsWith("text/plain") ? text : undefined;
}

/** A place in a step for the last refusal. */
export function refusalPlace() {
  // A screen reader reads only the alert, and not the seconds that count down.
  const alert = el("div", { role: "alert", id: "refusal" });
  const wait = el("div", { class: "wait" });
  return {
    element: el("div", { class: "refusal-place" }, alert, wait),
    show(refusal) {
      alert.replaceChildren(el("div", { class: "refusal" }, icon("stop"),
        el("div", {}, el("p", {}, el("strong", {}, "Refused. "), refusal.sentence),
          refusal.hint && el("p", {}, refusal.hint),
          refusal.code && el("p", { class: "refusal-code" }, refusal.code,
            refusal.wait ? `, try again in ${duration(refusal.wait)}` : ""))));
      wait.replaceChildren(...(refusal.wait ? countdown(now() + refusal.wait) : []));
    },
    clear() {
      alert.replaceChildren();
      wait.replaceChildren();
    },
  };
}

function countdown(until) {
  const left = el("p", { class: "muted timer" });
  const skip = el("button", { type: "button", class: "chip",
    on: { click: () => advance(Math.max(0, until - now())) } }, "Advance the clock to then");
  let attached = false;
  everySecond(() => {
    if (attached && !left.isConnected) return false;
    attached ||= left.isConnected;
    const rest = until - now();
    left.textContent = rest > 0 ? `Try again in ${duration(rest)}.` : "You can try again now.";
    skip.hidden = rest <= 0;
    return rest > 0;
  });
  return [left, skip];
}
