// What this tab keeps in its storage, so that a reload goes on at the same step: the dialect, the
// step, the requests. A flow names what it needs in `snapshot`, and takes that back in its
// `resume…` function. The storage holds tokens and passwords of this machine's users, and ends with the tab.

const PREFIX = "countersign ";

/** What was kept under this name, or null. */
export function kept(name) {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + name));
  } catch {
    return null;
  }
}

/** Keeps a value under this name; null forgets it. Whether it was kept. */
export function keep(name, value) {
  try {
    if (value === null) sessionStorage.removeItem(PREFIX + name);
    else sessionStorage.setItem(PREFIX + name, JSON.stringify(value));
    return true;
  } catch {
    // Without storage, or when it is full, the page begins anew when it is loaded again.
    return false;
  }
}

/** Forgets what was kept of another run of the service: its logins and codes are not this one's. */
export function keepOnlyOf(run) {
  if (kept("run") === run) return;
  for (const name of ["flow", "used", "sessions"]) keep(name, null);
  keep("run", run);
}
