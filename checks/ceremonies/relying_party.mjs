// The running service, as an app with passkeys calls it.

import assert from "node:assert/strict";
import { https, operate } from "../clients/service.mjs";

export const ORIGIN = "https://example.com:3000";
export const ANDROID = "android:apk-key-hash:X-8oDg7_pS9Z3Q0rK1tUjYVvB4mWnLcHxEaGfIyOuTs";
export const ORIGINS = [ORIGIN, ANDROID];
export const DOMAIN = "example.com";
/** ES256 and RS256, as docs/passkeys.md says. */
export const ALGORITHMS = [-7, -257];

const CLIENT = "ceremonies";
const ME = new URL("me/", https).href;
const SCOPE = "create:me:authentication_methods";
const METHODS = "/me/v1/authentication-methods";

async function send(path, text, token) {
  const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(new URL(path, https), { method: "POST", headers, body: text });
  const told = await answer.text();
  return { status: answer.status, accepted: answer.ok, text: told, body: told && JSON.parse(told) };
}

/** The token of a password, with which this user adds a passkey. */
export async function byPassword(username) {
  const answer = await send("/oauth/token", JSON.stringify({
    grant_type: "password", client_id: CLIENT, username, password: "copper lantern 77", audience: ME, scope: SCOPE,
  }));
  assert.equal(answer.status, 200, answer.text);
  return answer.body.access_token;
}

/** What an authenticator makes a new passkey for, and the text that came with it. */
export async function beginPasskey(token) {
  const answer = await send(METHODS, JSON.stringify({ type: "passkey" }), token);
  assert.ok(answer.accepted, answer.text);
  return { options: answer.body.authn_params_public_key, session: answer.body.auth_session };
}

/** Shows a new passkey. The text goes as it is. */
export const addPasskey = (begun, response, token) => send(`${METHODS}/passkey%7Cnew/verify`,
  `{"auth_session":${JSON.stringify(begun.session)},"authn_response":${response}}`, token);

/** Ends the test of a new passkey that was accepted. */
export const forgetPasskeys = (user) => operate("user", "reset-factors", user, "--reason", "check");

/** What a passkey signs. */
export async function beginSignIn() {
  const answer = await send("/passkey/challenge", JSON.stringify({ client_id: CLIENT }));
  assert.equal(answer.status, 200, answer.text);
  return { options: answer.body.authn_params_public_key, session: answer.body.auth_session };
}

/** Shows a signature. The text goes as it is. */
export const signIn = (begun, response) => send("/oauth/token", JSON.stringify({
  grant_type: "urn:okta:params:oauth:grant-type:webauthn", client_id: CLIENT, auth_session: begun.session,
  authn_response: response, audience: ME, scope: SCOPE,
}));
