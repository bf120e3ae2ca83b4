// Stores data in the tab's storage, so that a reload continues at the same step: the
// dialect, the step, and the requests. A flow names the data that it needs in
// `snapshot`, and gets it back in its `resume…` function. The storage holds tokens and
// passwords of this machine's users. It ends with the tab.

const PREFIX = "countersign ";

/** The value that was stored under this name, or null. */
export function kept(name) {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + name));
  } catch {
    return null;
  }
}

/** Stores a value under this name. null deletes the value. Returns whether the value was stored. */
export function keep(name, value) {
  try {
    if (value === null) sessionStorage.removeItem(PREFIX + name);
    else sessionStorage.setItem(PREFIX + name, JSON.stringify(value));
    return true;
  } catch {
    // Without storage, or if it is full, the page starts anew after a reload.
    return false;
  }
}

/**
 * Deletes data from an earlier run of the service, because its logins and codes do not exist
 * any more.
 */
export function keepOnlyOf(run) {
  if (kept("run") === run) return;
  for (const name of ["flow", "used", "sessions"]) keep(name, null);
  keep("run", run);
}
