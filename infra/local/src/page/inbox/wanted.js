// Decides which message of the inbox is offered at the current step. A code fits by its
// channel, its recipient and its age. A link fits by the page that it leads to and by
// its recipient.

import { now } from "../common/clock.js";
import { shown } from "../flow/stage.js";
import { wasMessageUsed } from "../common/used_codes.js";

/** How long a code is valid after its send. */
const CODE_SECONDS = 300;

/** A code that was sent shortly before a login began may complete that login too. */
const REUSED_SECONDS = 30;

/** The last two codes of a login are valid. */
const GOOD_CODES = 2;

/**
 * Whether `to` is the address in a hint: the same address, or an address with the same
 * visible end.
 */
function isTo(to, hint) {
  if (!hint) return true;
  const end = hint.replace(/^[X*]+/, "");
  const [one, other] = [to, end].map((text) => text.toLowerCase());
  return end === hint ? one === other : one.endsWith(other);
}

/** The link of a message that confirms an address or resets a password. */
export function linkOf({ text }) {
  return text.match(/https?:\/\/\S+[?&]\w*token=\S+/i)?.[0] ?? null;
}

function isCode(message, { method, to, since }) {
  return message.code && message.channel === method && isTo(message.to, to)
    && message.at >= since - REUSED_SECONDS && now() - message.at < CODE_SECONDS;
}

/**
 * What a message is for the current step. `all` has the messages, newest first. "code" or
 * "link" if the message has what the step asks for, "used" if its code was accepted,
 * otherwise null.
 */
export function fits(message, all) {
  if (message.code && wasMessageUsed(message)) return "used";
  const { wants } = shown() ?? {};
  if (wants?.link) {
    const link = linkOf(message);
    return link && URL.parse(link)?.searchParams.has(wants.link) && isTo(message.to, wants.to) ? "link" : null;
  }
  if (!wants?.method || !isCode(message, wants)) return null;
  const good = all.filter((one) => isCode(one, wants)).slice(0, GOOD_CODES);
  return good.includes(message) ? "code" : null;
}
