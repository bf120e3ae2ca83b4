// Passkeys in Chromium, with a virtual authenticator: auth0-spa-js adds a passkey in the My
// Account API and signs in with the passkey, and so does auth0-auth-js on a server behind
// the page. Both are unmodified. The service needs COUNTERSIGN_PASSKEY_DOMAIN=localhost.
//
// usage: NODE_EXTRA_CA_CERTS=CERTIFICATE node passkeys.mjs HTTP_URL HTTPS_URL CERTIFICATE

import assert from "node:assert/strict";
import { AuthClient, PasskeyGetTokenError } from "@auth0/auth0-auth-js";
import { https, operate, PLAIN_USER, thrownBy } from "../clients/service.mjs";
import { addClient, API, claimsOf, runClaims, SCOPE, withApp } from "./app.mjs";
import { pages } from "./passkey_pages.mjs";
import { arrive, optionsOf, renewed } from "./spa_app.mjs";

const METHODS = ["create", "read", "delete"].map((act) => `${act}:me:authentication_methods`);
const PASSKEY = "urn:okta:params:oauth:grant-type:webauthn";
const ME = `${https.href}me/`;
const GRANTS = ["authorization_code", "refresh_token", PASSKEY].flatMap((grant) => ["--grant", grant]);
const more = (origin) => [
  "--web-origin", origin, "--audience", ME, ...METHODS.flatMap((scope) => ["--scope", scope]), ...GRANTS,
];
const REFRESH = { useRefreshTokens: true };

/** An authenticator in the page's browser, which verifies its user as a phone does. */
async function authenticator(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", { options: {
    protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true,
    isUserVerified: true, automaticPresenceSimulation: true,
  } });
  const send = (act, rest) => session.send(`WebAuthn.${act}`, { authenticatorId, ...rest });
  return {
    credentials: async () => (await send("getCredentials")).credentials,
    /** Whether the person does not touch the authenticator. */
    setSilent: (silent) => send("setAutomaticPresenceSimulation", { enabled: !silent }),
    /** The authenticator as it was: a copy of the key with an older counter. */
    async putBack(credential) {
      await send("removeCredential", { credentialId: credential.credentialId });
      await send("addCredential", { credential });
    },
  };
}

/** The result of a function of the page, which must not throw. */
async function done(app, name, given) {
  const { value, error } = await app.page.evaluate(([name, given]) => globalThis[name](given), [name, given]);
  assert.equal(error, undefined, JSON.stringify(error));
  return value;
}

/** An app whose user has signed in by the password and has added a passkey. */
async function withPasskey({ origin, visit }) {
  await operate("user", "reset-factors", PLAIN_USER.name, "--reason", "check");
  const app = await visit(optionsOf(origin));
  const keys = await authenticator(app.page);
  await arrive(app);
  const method = await done(app, "addPasskey");
  return { app, keys, method };
}

const claims = (context) => ({
  async "the My Account client adds a passkey, passkey.login signs in with two factors, and the client lists the passkey"() {
    const { app, method } = await withPasskey(context);
    assert.deepEqual([method.type, method.credential_device_type], ["passkey", "single_device"]);
    await app.begin(optionsOf(context.origin, REFRESH, { audience: ME, scope: `openid email ${METHODS.join(" ")}` }));
    await app.done("passkey.login");
    const { email, acr, amr } = await app.done("getIdTokenClaims");
    assert.deepEqual([email, acr, amr.toSorted()], [PLAIN_USER.name, "aal2", ["hwk", "mfa", "user"]]);
    const [listed] = await app.done("myAccount.getAuthenticationMethods", "passkey");
    assert.deepEqual([listed.id, listed.type], [method.id, "passkey"]);
    const token = claimsOf(await renewed(app));
    assert.deepEqual([[token.aud].flat()[0], token.client_id], [ME, "spa"]);
    return app;
  },

  async "the two steps by hand sign in, and the same signature is refused the second time"() {
    const { app } = await withPasskey(context);
    const [first, second] = await done(app, "passkeyByHand", { times: 2 });
    assert.ok(first.value.access_token);
    assert.equal(second.error?.error, "invalid_grant", JSON.stringify(second));
    return app;
  },

  async "a passkey that verifies nobody is one factor"() {
    const { app } = await withPasskey(context);
    const [{ value }] = await done(app, "passkeyByHand", { times: 1, userVerification: "discouraged" });
    const { acr, amr } = claimsOf(value.id_token);
    assert.deepEqual([acr, amr.toSorted()], ["aal1", ["hwk", "user"]]);
    return app;
  },

  async "a copy of the key with an older counter is refused"() {
    const { app, keys } = await withPasskey(context);
    const [older] = await keys.credentials();
    await app.done("passkey.login");
    await keys.putBack(older);
    const { error } = await app.call("passkey.login");
    assert.equal(error.error, "invalid_grant", JSON.stringify(error));
    return app;
  },

  async "a removed passkey signs in no more, and the My Account client removes it"() {
    const { app, method } = await withPasskey(context);
    // The change wants the passkey, and not the password alone.
    await app.done("passkey.login", { audience: ME, scope: METHODS.join(" ") });
    await app.call("myAccount.deleteAuthenticationMethod", method.id);
    const { error } = await app.call("passkey.login");
    assert.equal(error.error, "invalid_grant", JSON.stringify(error));
    return app;
  },

  async "a browser without a passkey for this domain gives the library's own error"() {
    const app = await context.visit(optionsOf(context.origin, REFRESH));
    await authenticator(app.page);
    const { error } = await app.call("passkey.login");
    assert.match(error.message, /not allowed|timed out/i);
    return app;
  },

  async "auth0-auth-js on a server signs in with what the browser's authenticator signed"() {
    const { app } = await withPasskey(context);
    const server = new AuthClient({ domain: https.host, clientId: "passkey-server", clientSecret: context.secret });
    const { authSession, authnParamsPublicKey } = await server.passkey.challenge();
    const credential = await done(app, "sign", authnParamsPublicKey);
    const show = () => server.passkey.getTokenByPasskey({ authSession, credential, audience: API, scope: SCOPE });
    const tokens = await show();
    assert.deepEqual([tokens.claims.email, tokens.claims.acr], [PLAIN_USER.name, "aal2"]);
    const error = await thrownBy(show);
    assert.ok(error instanceof PasskeyGetTokenError, error.message);
    assert.equal(error.cause.error, "invalid_grant");
    return app;
  },
});

await withApp("spa_page.js", async (context) => {
  await addClient("spa", context.origin, ...more(context.origin));
  const server = await operate("client", "add", "passkey-server", "--for", "server", "--audience", API,
    "--scope", "read:sample", "--web-origin", context.origin, "--grant", PASSKEY, "--grant", "password");
  await runClaims({
    ...claims({ ...context, secret: server.secret }), ...pages({ ...context, authenticator }),
  });
});
