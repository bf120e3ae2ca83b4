// A page with oidc-client-ts. `globalThis.call` calls a method of the manager for the check.

import { IndexedDbDPoPStore, UserManager, WebStorageStateStore } from "oidc-client-ts";

const { bound, ...options } = JSON.parse(sessionStorage.getItem("options") ?? "null") ?? {};

/** A user without the methods, which do not leave the page. */
const plain = (value) => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));

async function outcome(work) {
  try {
    return { value: plain(await work()) };
  } catch (error) {
    return { error: { kind: error.constructor.name, error: error.error, message: error.message } };
  }
}

globalThis.call = (name, given) => outcome(() => globalThis.manager[name](...given));

/**
 * Asks with the user's token and a proof of the key, and again with the nonce if the answer has
 * one: the statuses.
 */
globalThis.ask = (url) => outcome(async () => {
  const user = await globalThis.manager.getUser();
  const ask = async (nonce) => fetch(url, { headers: {
    authorization: `${user.token_type} ${user.access_token}`,
    DPoP: await globalThis.manager.dpopProof(url, user, "GET", nonce),
  } });
  const first = await ask();
  if (first.status !== 401) return [first.status];
  return [first.status, (await ask(first.headers.get("dpop-nonce"))).status];
});

if (options.authority) {
  globalThis.manager = new UserManager({
    ...options,
    userStore: new WebStorageStateStore({ store: sessionStorage }),
    ...(bound && { dpop: { bind_authorization_code: true, store: new IndexedDbDPoPStore() } }),
  });
  if (/[?#&](code|error)=/.test(location.href)) globalThis.came = await outcome(() => globalThis.manager.signinCallback());
  else if (location.pathname === "/bye") globalThis.came = await outcome(() => globalThis.manager.signoutCallback());
}
document.body.dataset.ready = "";
