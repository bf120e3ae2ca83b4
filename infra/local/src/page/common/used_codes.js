// Codes that the service has accepted. Each is good once, and this page says so.

import { keep, kept } from "./kept.js";

/** An app shows other digits after 30 seconds, and may come upon the same ones another day. */
const TOTP_SECONDS = 120;
const SENT_SECONDS = 600;

/** Whether the code of a message was accepted, whoever's it is. */
export function wasMessageUsed({ channel, code, at }) {
  return Object.entries(kept("used") ?? {}).some(([known, usedAt]) => {
    const [, method, text] = known.split("\n");
    return method === channel && text === code && usedAt >= at && usedAt - at < SENT_SECONDS;
  });
}

function key(user, method, code) {
  return [user, method, code.replace(/[\s-]/g, "").toUpperCase()].join("\n");
}

/** Remembers that this user's code was accepted at `at`, in seconds since 1970. */
export function markUsed(user, method, code, at) {
  keep("used", { ...kept("used"), [key(user, method, code)]: at });
}

/** Whether this user's code was accepted before, and is the same code still. */
export function wasUsed(user, method, code, now) {
  const at = (kept("used") ?? {})[key(user, method, code)];
  if (at === undefined) return false;
  if (method === "recovery") return true;
  return now - at < (method === "totp" ? TOTP_SECONDS : SENT_SECONDS);
}
