// The newest session of each user that this page was given, to see later that it is over.

import { decoded } from "./jwt.js";

const newest = new Map();

/** A user's id in its one form: some paths write it with dashes. */
function plain(id) {
  return id.replaceAll("-", "").toLowerCase();
}

/** Remembers the session of a login, if it can be refreshed. */
export function remember({ dialect, login, tokens }) {
  if (!tokens.refresh_token) return;
  const { sub } = decoded(tokens.access_token).claims;
  newest.set(plain(sub), { dialect, login, token: tokens.refresh_token });
}

/** `{ dialect, login, token }` of the newest session of a user, if there is one. */
export function sessionOf(userId) {
  return newest.get(plain(userId)) ?? null;
}
