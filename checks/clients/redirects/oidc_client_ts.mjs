// The package oidc-client-ts, unmodified, over https and outside of a browser: the app gives
// the stores and the windows that a browser has, and a person walks the pages in them. Logins
// by redirect, silent renewal, refresh, DPoP, the password grant and sign-out.
//
// usage: NODE_EXTRA_CA_CERTS=CERTIFICATE node oidc_client_ts.mjs HTTP_URL HTTPS_URL CERTIFICATE

import assert from "node:assert/strict";
import { AUDIENCE, check, finish, https, PLAIN_USER, thrownBy, USER } from "../service.mjs";
import { addWebClient, CALLBACK, GOODBYE, Person } from "./person.mjs";

// The package takes its random numbers and its keys from here. There is nothing else of a
// browser.
globalThis.window = { crypto: globalThis.crypto };
const { ErrorResponse, InMemoryWebStorage, OidcClient, UserManager, WebStorageStateStore } = await import("oidc-client-ts");

console.log("oidc-client-ts");

const SCOPE = "openid profile email offline_access read:sample";
const page = await addWebClient("oidc-client-page", "browser", "--grant", "password", "--grant", "authorization_code",
  "--grant", "refresh_token");
const web = await addWebClient("oidc-client-web");

const store = () => new WebStorageStateStore({ store: new InMemoryWebStorage() });

/** Keeps the keys of proofs, as the package's own store does in a browser's database. */
class Keys extends Map {
  async set(key, value) { super.set(key, value); }
  async get(key) { return super.get(key); }
  async remove(key) { const found = super.get(key); super.delete(key); return found; }
  async getAllKeys() { return [...super.keys()]; }
}

const settings = (more = {}) => ({
  authority: https.href, client_id: page.id, redirect_uri: CALLBACK, post_logout_redirect_uri: GOODBYE,
  silent_redirect_uri: CALLBACK, scope: SCOPE, extraQueryParams: { audience: AUDIENCE }, loadUserInfo: true,
  automaticSilentRenew: false, filterProtocolClaims: false, stateStore: store(), userStore: store(), ...more,
});

const managers = [];

/** A user manager whose windows are walked by a person. */
function managed(person, more) {
  const visited = [];
  const window = (visit) => ({
    prepare: async () => ({
      navigate: async ({ url }) => {
        const back = await visit(url);
        visited.push(back.url.href);
        return { url: back.url.href };
      },
      close() {},
    }),
  });
  const top = window((url) => (url.includes("/logout") ? person.open(url, { stop: GOODBYE }) : person.signIn(url)));
  const frame = window((url) => person.open(url, { stop: CALLBACK }));
  const manager = new UserManager(settings(more), top, top, frame);
  managers.push(manager);
  return { manager, visited };
}

async function signedIn(user, more) {
  const person = new Person(user);
  const { manager, visited } = managed(person, more);
  await manager.signinRedirect({ state: "where the user was" });
  return { person, manager, visited, user: await manager.signinRedirectCallback(visited.at(-1)) };
}

await check("a login by redirect gives tokens, the profile and the app's own state", async () => {
  const { user, manager } = await signedIn(PLAIN_USER);
  assert.deepEqual([user.state, user.token_type, user.expired], ["where the user was", "Bearer", false]);
  assert.deepEqual([user.profile.email, user.profile.iss, user.profile.aud], [PLAIN_USER.name, https.href, page.id]);
  assert.deepEqual(new Set(user.scopes), new Set(SCOPE.split(" ")));
  assert.equal((await manager.getUser()).access_token, user.access_token);
});

await check("a second factor is asked for on the pages, and is in the profile", async () => {
  const { user } = await signedIn(USER);
  assert.equal(user.profile.acr, "aal2");
  assert.ok(user.profile.amr.includes("mfa"));
});

await check("a login in a window of its own works too, and response_mode fragment is read", async () => {
  const { manager, visited } = managed(new Person(PLAIN_USER), { response_mode: "fragment" });
  const user = await manager.signinPopup();
  assert.equal(user.profile.email, PLAIN_USER.name);
  assert.match(visited[0], /^[^?]*#/);
});

await check("a refresh gives new tokens to the same user", async () => {
  const { user, manager } = await signedIn(PLAIN_USER);
  const after = await manager.signinSilent();
  assert.equal(after.profile.sub, user.profile.sub);
  assert.notEqual(after.access_token, user.access_token);
  assert.notEqual(after.refresh_token, user.refresh_token);
});

await check("without a refresh token, a frame renews the login while the browser is signed in", async () => {
  const { user, manager, person } = await signedIn(PLAIN_USER, { scope: "openid email" });
  assert.equal(user.refresh_token, undefined);
  const after = await manager.signinSilent();
  assert.deepEqual([after.profile.sub, after.profile.auth_time], [user.profile.sub, user.profile.auth_time]);
  await manager.signoutRedirect();
  const stranger = managed(person, { scope: "openid email" });
  const error = await thrownBy(() => stranger.manager.signinSilent());
  assert.ok(error instanceof ErrorResponse, error.message);
  assert.equal(error.error, "login_required");
});

await check("a sign-out comes back to the app with its state", async () => {
  const { manager, visited } = await signedIn(PLAIN_USER);
  await manager.signoutRedirect({ state: "bye" });
  const gone = new URL(visited.at(-1));
  assert.equal(`${gone.origin}${gone.pathname}`, GOODBYE);
  assert.equal((await manager.signoutRedirectCallback(gone.href)).userState, "bye");
  assert.equal(await manager.getUser(), null);
});

await check("revoked tokens are refused", async () => {
  const { user, manager } = await signedIn(PLAIN_USER);
  await manager.revokeTokens();
  await manager.storeUser(user);
  const error = await thrownBy(() => manager.signinSilent());
  assert.equal(error.error, "invalid_grant");
  const shown = await fetch(new URL("/userinfo", https), { headers: { authorization: `Bearer ${user.access_token}` } });
  assert.equal(shown.status, 401);
});

await check("DPoP: the code, the tokens and the refresh are bound to the key of the store", async () => {
  const dpop = { bind_authorization_code: true, store: new Keys() };
  const { user, manager } = await signedIn(PLAIN_USER, { dpop, loadUserInfo: false });
  assert.equal(user.token_type, "DPoP");
  const { cnf } = JSON.parse(Buffer.from(user.access_token.split(".")[1], "base64url"));
  assert.equal(cnf.jkt, await manager.generateDPoPJkt(dpop));
  const url = new URL("/userinfo", https).href;
  const headers = { authorization: `DPoP ${user.access_token}`, DPoP: await manager.dpopProof(url, user, "GET") };
  assert.equal((await fetch(url, { headers })).status, 200);
  assert.equal((await manager.signinSilent()).token_type, "DPoP");
  await dpop.store.remove(page.id);
  await thrownBy(() => manager.signinSilent());
});

await check("the password grant signs a user in, and refuses a wrong password", async () => {
  const { manager } = managed(new Person(PLAIN_USER));
  const { name: username, password } = PLAIN_USER;
  const user = await manager.signinResourceOwnerCredentials({ username, password });
  assert.equal(user.profile.email, PLAIN_USER.name);
  const error = await thrownBy(() => manager.signinResourceOwnerCredentials({ username, password: "wrong" }));
  assert.deepEqual([error.error, error.error_description], ["invalid_grant", "Wrong email or password."]);
});

for (const client_authentication of ["client_secret_post", "client_secret_basic"]) {
  await check(`OidcClient with a secret redeems a code (${client_authentication})`, async () => {
    const client = new OidcClient(settings({ client_id: web.id, client_secret: web.secret, client_authentication }));
    const request = await client.createSigninRequest({ nonce: "n-0S6_WzA2Mj", acr_values: "aal1", max_age: 60 });
    const back = await new Person(PLAIN_USER).signIn(request.url);
    const response = await client.processSigninResponse(back.url.href);
    assert.deepEqual([response.profile.nonce, response.profile.aud], ["n-0S6_WzA2Mj", web.id]);
    const other = await client.createSigninRequest({});
    const again = new URL(back.url);
    again.searchParams.set("state", other.state.id);
    assert.ok((await thrownBy(() => client.processSigninResponse(again.href))) instanceof Error);
  });
}

// The timers that warn of the end of a token would keep this process alive.
for (const manager of managers) await manager.events.unload();
finish();
