// The newest session of each user on this page. The page can show later that the
// session has ended.

import { DIALECTS, dialectName } from "../dialects/dialects.js";
import { decoded } from "../common/jwt.js";
import { keep, kept } from "../common/tab_storage.js";

/** A user's id without dashes, because some paths write it with dashes. */
function plain(id) {
  return id.replaceAll("-", "").toLowerCase();
}

/** Stores the session of a login, if it can be refreshed. */
export function remember({ dialect, login, tokens }) {
  if (!tokens.refresh_token) return;
  const { sub } = decoded(tokens.access_token).claims;
  const session = { dialect: dialectName(dialect), login, token: tokens.refresh_token };
  keep("sessions", { ...kept("sessions"), [plain(sub)]: session });
}

/** `{ dialect, login, token }` of the newest session of a user, if there is one. */
export function sessionOf(userId) {
  const session = (kept("sessions") ?? {})[plain(userId)];
  return session ? { ...session, dialect: DIALECTS[session.dialect] } : null;
}
