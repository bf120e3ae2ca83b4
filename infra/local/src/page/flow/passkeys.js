// The two requests of a passkey, and between them the browser's question to the person
// (docs/passkeys.md).

import { logged } from "../common/log.js";

const GRANT = "urn:okta:params:oauth:grant-type:webauthn";

/** Whether this browser can use passkeys of the domain on this page. */
export function fits(domain) {
  const host = location.hostname;
  const known = globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON !== undefined;
  return known && (host === domain || host.endsWith(`.${domain}`));
}

/** Where this page has a domain that passkeys can belong to. */
export const elsewhere = (domain) => `${location.protocol}//${domain}:${location.port}/`;

/**
 * Signs in with a passkey. With `email`, makes an account and its passkey first. Returns the
 * answer to the last request that was sent. Throws what the browser says if nobody used a
 * passkey.
 */
export async function byPasskey(login, email, asks) {
  const begun = await logged(email ? "Begin a sign-up with a passkey" : "Ask for a challenge", {
    method: "POST", path: email ? "/passkey/register" : "/passkey/challenge",
    json: { ...login.client, ...(email && { user_profile: { email } }) },
  });
  if (!begun.ok) return begun;
  const { auth_session, authn_params_public_key: wanted } = begun.body;
  const credential = await (email ? made(wanted) : used(wanted));
  return logged("Get the tokens", { method: "POST", path: "/oauth/token", proof: login.bound, json: {
    grant_type: GRANT, ...login.client, scope: login.scope, audience: login.audience,
    auth_session, authn_response: credential.toJSON(),
  } }, { asks });
}

const made = (options) =>
  navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });

const used = (options) =>
  navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
