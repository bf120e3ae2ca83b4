// The demo authenticator: RFC 6238 with HMAC-SHA-1, 6 digits, 30 seconds, by the service's clock.

import { byId, el } from "./dom.js";
import { advance, everySecond, now } from "./clock.js";
import { wasUsed } from "./used_codes.js";

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

/** The user data that this browser stores, so that a demo continues after a reload. */
const SEED = "countersign newest seed of ";
const RECOVERY = "countersign newest recovery codes of ";

function kept(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function keep(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
  } catch { /* Without storage it was shown, and that is all. */ }
}

/** Stores the key of an app that was confirmed on this page. */
export function rememberSeed(user, seed) {
  keep(SEED + user, seed);
}

/** Deletes the key of a removed app. */
export function forgetSeed(user) {
  keep(SEED + user, null);
}

/** The keys that may be this user's. The service gives no key away, so an old key stays visible. */
function seedsOf({ name, seed, scanned }) {
  const newest = scanned ? null : kept(SEED + name);
  return [newest && { seed: newest, note: "the app that was confirmed here" },
    seed && seed !== newest && { seed, note: scanned ? "the app that has scanned this code" : "the app of the demo data" },
  ].filter(Boolean);
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

/**
 * Shows the current code of each key that may be the user's. Calls `use` with the code that
 * the user chooses.
 */
export function showAuthenticator(user, use) {
  const seeds = seedsOf(user);
  if (seeds.length === 0) {
    open("Demo authenticator", el("p", { class: "muted" },
      "This page knows only the keys of demo users and those that were confirmed here. Take the code from your own authenticator app."));
    return;
  }
  const shown = seeds.map((one) => app(user, one, use));
  const mark = open("Demo authenticator", ...shown.map(({ element }) => element));
  everySecond(() => {
    if (!mark.isConnected) return false;
    for (const { tick } of shown) tick(now());
    return true;
  });
}

/** One app on the phone. This page replaces the phone. */
function app(user, { seed, note }, use) {
  const digits = el("code", { class: "digits" }, "––––––");
  const button = el("button", { type: "button", class: "use" }, "Use this code");
  const left = el("progress", { max: STEP, value: STEP, "aria-hidden": "true" });
  const rest = el("p", { class: "muted timer" });
  const skip = el("button", { type: "button", class: "chip", hidden: true,
    on: { click: () => advance(STEP) } }, "Advance the clock by 30 s");
  let code = "";
  let step = null;
  button.addEventListener("click", () => use(code));
  return {
    element: el("div", { class: "known" },
      el("p", { class: "muted" }, `Stands in for the phone of ${user.name}: ${note}.`),
      el("div", { class: "message-code" }, digits, button), left, rest, skip),
    tick(time) {
      left.value = STEP - (time % STEP);
      const again = wasUsed(user.name, "totp", code, time);
      rest.textContent = again ? `Used: it is good once. The next one comes in ${left.value} s.` : `Changes in ${left.value} s.`;
      skip.hidden = !again;
      if (step === Math.floor(time / STEP)) return;
      step = Math.floor(time / STEP);
      totp(seed, time).then((made) => {
        code = made;
        digits.textContent = made;
        button.setAttribute("aria-label", `Use this code of the authenticator: ${made}`);
      });
    },
  };
}

/** Stores the newest recovery codes of a user. */
export function rememberRecoveryCodes(user, codes) {
  keep(RECOVERY + user, codes);
}

/** Deletes a recovery code that was accepted, because it works once. */
export function spentRecoveryCode(user, code) {
  const rest = (kept(RECOVERY + user) ?? []).filter((one) => one !== code.replace(/\s/g, "").toUpperCase());
  keep(RECOVERY + user, rest.length ? rest : null);
}

/** Shows the recovery codes that this page knows for a user. */
export function showRecoveryCodes({ name, recovery_code: made }, use) {
  const first = made && !wasUsed(name, "recovery", made, now()) && made;
  const row = (label, code) => el("div", { class: "known" },
    el("p", { class: "muted" }, label),
    el("div", { class: "message-code" }, el("code", { class: "letters" }, code),
      el("button", { type: "button", class: "use", "aria-label": `Use this code: ${label}`,
        on: { click: () => use(code) } }, "Use this code")));
  const [newest] = kept(RECOVERY + name) ?? [];
  open("Demo recovery code", newest && row("The newest that this browser was given", newest),
    first && row("The first one, made with the demo data; good once", first),
    !newest && !first && el("p", { class: "muted" },
      "This page knows no recovery code of this user."));
}
