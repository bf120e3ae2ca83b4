// The service's clock: reads it, shows it every second, and moves it forward.

import { announce, byId, duration, el, utc } from "./dom.js";
import { send } from "./http.js";
import { logged, nextAction } from "./log.js";

/** Seconds between two readings if nothing happens. */
const REREAD = 5;

const JUMPS = [[30, "+30 s"], [300, "+5 min"], [600, "+10 min"], [3600, "+1 h"]];

/** The service's time was `now` when this page's stopwatch was at `at` milliseconds. */
let reading = { now: Math.floor(Date.now() / 1000), at: performance.now() };
const listeners = new Set();

/**
 * The service's time in whole seconds. It is never ahead of the service, and less than a
 * second behind.
 */
export function now() {
  return Math.floor(reading.now + (performance.now() - reading.at) / 1000);
}

/**
 * Calls `listener` every second, and at once when the clock is moved, until `listener` returns
 * `false`.
 */
export function everySecond(listener) {
  if (listener() !== false) listeners.add(listener);
}

function tick() {
  for (const listener of listeners) if (listener() === false) listeners.delete(listener);
}

function take(answer) {
  if (answer.ok) reading = { now: answer.body.now, at: performance.now() };
  tick();
}

async function reread() {
  take(await send({ method: "GET", path: "/_local/clock" }));
}

/** Moves the service's clock forward by this many seconds. */
export async function advance(seconds) {
  nextAction();
  const answer = await logged(`Advance the clock by ${duration(seconds)}`,
    { method: "POST", path: "/_local/clock", json: { advance_seconds: seconds } });
  take(answer);
  const error = byId("clock-error");
  error.textContent = answer.ok ? "" : (answer.body?.error ?? "The service does not answer.");
  if (answer.ok) announce(`The service's clock is now ${utc(answer.body.now)} UTC`);
}

function show() {
  const [date, time] = utc(now()).split(" ");
  byId("clock-time").textContent = time;
  byId("clock-time").dateTime = `${date}T${time}Z`;
  byId("clock-date").textContent = `UTC, ${date}`;
  const ahead = now() - Math.floor(Date.now() / 1000);
  byId("clock-ahead").textContent = ahead > 2 ? `${duration(ahead)} ahead` : "";
}

export async function startClock() {
  byId("clock-chips").append(...JUMPS.map(([seconds, label]) =>
    el("button", { type: "button", class: "chip", "aria-label": `Advance by ${duration(seconds)}`,
      on: { click: () => advance(seconds) } }, label)));
  byId("clock-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = byId("clock-seconds").value.trim();
    if (/^[0-9]{1,9}$/.test(text)) advance(Number(text));
    else byId("clock-error").textContent = "Seconds are a whole number, such as 60.";
  });
  await reread();
  everySecond(show);
  let ticks = 0;
  setInterval(() => {
    if (document.hidden) return;
    ticks += 1;
    if (ticks % REREAD === 0) reread();
    else tick();
  }, 1000);
  document.addEventListener("visibilitychange", () => document.hidden || reread());
}
