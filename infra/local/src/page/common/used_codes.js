// The codes that the service has accepted. Each code works once, and the page shows
// which were used.

import { keep, kept } from "./tab_storage.js";

/** An app shows other digits after 30 seconds. The same digits may come again on another day. */
const TOTP_SECONDS = 120;
const SENT_SECONDS = 600;

/** Whether the code of a message was accepted, for any user. */
export function wasMessageUsed({ channel, code, at }) {
  return Object.entries(kept("used") ?? {}).some(([known, usedAt]) => {
    const [, method, text] = known.split("\n");
    return method === channel && text === code && usedAt >= at && usedAt - at < SENT_SECONDS;
  });
}

function key(user, method, code) {
  return [user, method, code.replace(/[\s-]/g, "").toUpperCase()].join("\n");
}

/** Stores that this user's code was accepted at `at`, in seconds since 1970. */
export function markUsed(user, method, code, at) {
  keep("used", { ...kept("used"), [key(user, method, code)]: at });
}

/** Whether this user's code was accepted before. Later, the same digits may be a new code. */
export function wasUsed(user, method, code, now) {
  const at = (kept("used") ?? {})[key(user, method, code)];
  if (at === undefined) return false;
  if (method === "recovery") return true;
  return now - at < (method === "totp" ? TOTP_SECONDS : SENT_SECONDS);
}
