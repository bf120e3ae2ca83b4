// The demo authenticator: RFC 6238 with HMAC-SHA-1, 6 digits, 30 seconds, by the service's clock.

import { byId, el } from "./dom.js";
import { advance, everySecond, now } from "./clock.js";

const STEP = 30;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function base32(text) {
  const bits = [...text].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, "0")).join("");
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}

/** The code of a base32 seed at this many seconds since 1970. */
export async function totp(seed, seconds) {
  const key = await crypto.subtle.importKey("raw", base32(seed), { name: "HMAC", hash: "SHA-1" }, false, ["sign"]);
  const counter = new DataView(new ArrayBuffer(8));
  counter.setBigUint64(0, BigInt(Math.floor(seconds / STEP)));
  const mac = new DataView(await crypto.subtle.sign("HMAC", key, counter.buffer));
  const number = mac.getUint32(mac.getUint8(19) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

/** Codes that the service accepted; it accepts none of them again. */
const used = new Set();

/** Remembers that a code of this seed was accepted. */
export function accepted(seed, code) {
  used.add(seed + code);
}

function open(title, ...content) {
  const helper = byId("helper");
  helper.replaceChildren(el("div", { class: "card-head" }, el("h2", { id: "helper-title" }, title)),
    ...content.filter(Boolean));
  helper.hidden = false;
  return helper.firstChild;
}

export function closeHelper() {
  byId("helper").hidden = true;
  byId("helper").replaceChildren();
}

/** Shows the present code of a demo user's seed; `use` is called with it when it is chosen. */
export function showAuthenticator(user, use) {
  if (!user?.seed) {
    open("Demo authenticator", el("p", { class: "muted" },
      "This page knows the seeds of the demo users only. Take the code from your own authenticator app."));
    return;
  }
  const digits = el("code", { class: "digits" }, "––––––");
  const button = el("button", { type: "button", class: "use" }, "Use this code");
  const left = el("progress", { max: STEP, value: STEP, "aria-hidden": "true" });
  const note = el("p", { class: "muted timer" });
  const skip = el("button", { type: "button", class: "chip", hidden: true,
    on: { click: () => advance(STEP) } }, "Advance the clock by 30 s");
  let code = "";
  button.addEventListener("click", () => use(code));
  const mark = open("Demo authenticator",
    el("p", { class: "muted" }, `Stands in for the app on the phone of ${user.name}: this page knows the demo seed.`),
    el("div", { class: "message-code" }, digits, button), left, note, skip);
  let step = null;
  everySecond(() => {
    if (!mark.isConnected) return false;
    const time = now();
    const rest = STEP - (time % STEP);
    left.value = rest;
    const again = used.has(user.seed + code);
    note.textContent = again ? `Used: it is good once. The next one comes in ${rest} s.` : `Changes in ${rest} s.`;
    skip.hidden = !again;
    if (step !== Math.floor(time / STEP)) {
      step = Math.floor(time / STEP);
      totp(user.seed, time).then((made) => {
        code = made;
        digits.textContent = made;
        button.setAttribute("aria-label", `Use the authenticator's code ${made}`);
      });
    }
    return true;
  });
}

const NEWEST = "countersign newest recovery code of ";

/** Remembers the recovery code that came in place of a used one, in this browser. */
export function rememberRecoveryCode(user, code) {
  try {
    localStorage.setItem(NEWEST + user, code);
  } catch { /* Without storage it was shown, and that is all. */ }
}

function remembered(user) {
  try {
    return localStorage.getItem(NEWEST + user);
  } catch {
    return null;
  }
}

/** Shows the recovery codes that this page knows for a demo user. */
export function showRecoveryCodes(user, use) {
  const row = (label, code) => el("div", { class: "recovery" },
    el("p", { class: "muted" }, label),
    el("div", { class: "message-code" }, el("code", { class: "letters" }, code),
      el("button", { type: "button", class: "use", "aria-label": `Use the recovery code: ${label}`,
        on: { click: () => use(code) } }, "Use this code")));
  const newest = user && remembered(user.name);
  const first = user?.recovery_code;
  open("Demo recovery code", newest && row("The newest that this browser was given", newest),
    first && row("The first one, made with the demo data; good once", first),
    !newest && !first && el("p", { class: "muted" },
      "This page knows no recovery code of this user."));
}
