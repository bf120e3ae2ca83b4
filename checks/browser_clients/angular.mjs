// angular-oauth2-oidc, unmodified, in Chromium: discovery with strict validation, code flow with
// PKCE, silent refresh, refresh tokens and logout. The library verifies id tokens by the
// service's keys.
//
// usage: NODE_EXTRA_CA_CERTS=CERTIFICATE node angular.mjs HTTP_URL HTTPS_URL CERTIFICATE

import assert from "node:assert/strict";
import { https, USER } from "../clients/service.mjs";
import { addClient, API, claimsOf, runClaims, SCOPE, signIn, signInPlainly, withApp } from "./app.mjs";

const optionsOf = (origin, more) => ({
  issuer: https.href, clientId: "angular", responseType: "code", scope: SCOPE,
  redirectUri: `${origin}/`, silentRefreshRedirectUri: `${origin}/silent`, postLogoutRedirectUri: `${origin}/bye`,
  requireHttps: true, silentRefreshTimeout: 30_000, ...more,
});
const OFFLINE = { scope: `${SCOPE} offline_access` };

const came = (app) => app.page.evaluate(() => globalThis.came);
const events = (app) => app.page.evaluate(() => globalThis.events);

/** A sign-in by redirect. Gives the claims of the id token. */
async function arrive(app, byHand = signInPlainly) {
  await app.leave("initCodeFlow");
  await byHand(app.page);
  const { value, error } = await app.back();
  assert.deepEqual([value, error], [true, undefined], JSON.stringify(error));
  const claims = await app.done("getIdentityClaims");
  assert.ok(claims, "nobody is signed in");
  return claims;
}

const last = (app, path) => app.to(path).at(-1);

const claims = ({ origin, visit }) => ({
  async "the discovery document is valid in the strict mode, and another issuer's is not"() {
    const app = await visit(optionsOf(origin));
    assert.deepEqual(await came(app), { value: true });
    assert.ok((await events(app)).includes("discovery_document_loaded"));
    app.assertQuiet();
    // The same document, of an issuer whose name ends in no slash.
    await app.begin(optionsOf(origin, { issuer: https.href.slice(0, -1) }));
    assert.ok((await came(app)).error);
    assert.ok((await events(app)).includes("discovery_document_validation_error"));
    await app.close();
  },

  async "a password and an authenticator app sign in with PKCE, and the id token's signature is good"() {
    const app = await visit(optionsOf(origin));
    const { iss, aud, email, acr } = await arrive(app, signIn);
    assert.deepEqual([iss, aud, email, acr], [https.href, "angular", USER.email, "aal2"]);
    const { searchParams } = app.to("/authorize")[0].url;
    assert.equal(searchParams.get("code_challenge_method"), "S256");
    assert.equal(app.to("/.well-known/jwks.json").length > 0, true);
    assert.equal([claimsOf(await app.done("getAccessToken")).aud].flat()[0], API);
    const { info } = await app.done("loadUserProfile");
    assert.equal(info.email, USER.email);
    return app;
  },

  async "a silent refresh in a frame gives another access token, with the id token as hint"() {
    const app = await visit(optionsOf(origin, { useIdTokenHintForSilentRefresh: true }));
    await arrive(app);
    const [before, hint] = [await app.done("getAccessToken"), await app.done("getIdToken")];
    assert.equal((await app.done("silentRefresh")).type, "silently_refreshed");
    assert.notEqual(await app.done("getAccessToken"), before);
    const { searchParams } = last(app, "/authorize").url;
    assert.deepEqual([searchParams.get("prompt"), searchParams.get("id_token_hint")], ["none", hint]);
    return app;
  },

  async "a refresh token gives other tokens, also after a reload"() {
    const app = await visit(optionsOf(origin, OFFLINE));
    await arrive(app);
    const tokens = [await app.done("getAccessToken")];
    tokens.push((await app.done("refreshToken")).access_token);
    await app.reload();
    tokens.push((await app.done("refreshToken")).access_token);
    assert.equal(new Set(tokens).size, 3);
    assert.equal(app.to("/authorize").length, 1);
    return app;
  },

  async "a logout comes back, and a silent refresh is then refused"() {
    const app = await visit(optionsOf(origin));
    await arrive(app);
    await app.leave("logOut", {}, "left");
    await app.at("/bye");
    assert.equal(new URL(app.page.url()).searchParams.get("state"), "left");
    assert.ok(last(app, "/oidc/logout").url.searchParams.get("id_token_hint"));
    await app.begin(optionsOf(origin));
    const { error } = await app.call("silentRefresh");
    assert.deepEqual([error.type, error.reason.params.error], ["silent_refresh_error", "login_required"]);
    await app.close();
  },

  async "a logout that revokes ends the refresh token"() {
    const app = await visit(optionsOf(origin, OFFLINE));
    await arrive(app);
    const token = await app.done("getRefreshToken");
    await app.leave("revokeTokenAndLogout");
    await app.at("/bye");
    assert.deepEqual([...new Set(app.to("/oauth/revoke").map(({ status }) => status))], [200]);
    const body = new URLSearchParams({ grant_type: "refresh_token", client_id: "angular", refresh_token: token });
    const again = await fetch(new URL("oauth/token", https), { method: "POST", body });
    assert.deepEqual([again.status, (await again.json()).error], [403, "invalid_grant"]);
    return app;
  },

  async "an answer with a wrong state is refused, and no code is exchanged"() {
    const app = await visit(optionsOf(origin));
    await app.leave("initCodeFlow");
    await app.page.getByLabel("Password", { exact: true }).waitFor();
    await app.page.goto(`${origin}/?code=somebody-elses&state=wrong`);
    const { error } = await app.back();
    assert.equal(error.type, "invalid_nonce_in_state");
    assert.deepEqual(app.to("/oauth/token"), []);
    await app.close();
  },
});

await withApp("angular_page.ts", async (context) => {
  await addClient("angular", context.origin, "--redirect-uri", `${context.origin}/silent`);
  await runClaims(claims(context));
});
