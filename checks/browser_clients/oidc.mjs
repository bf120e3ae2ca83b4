// oidc-client-ts, unmodified, in Chromium: sign-in by redirect, silent renewal, sign-out,
// response modes and DPoP. The last claim moves the clock by an hour.
//
// usage: NODE_EXTRA_CA_CERTS=CERTIFICATE node oidc.mjs HTTP_URL HTTPS_URL CERTIFICATE

import assert from "node:assert/strict";
import { advance, https, USER } from "../clients/service.mjs";
import { addClient, API, claimsOf, runClaims, SCOPE, signIn, signInPlainly, withApp } from "./app.mjs";

const optionsOf = (origin, more) => ({
  authority: https.href, client_id: "oidc", scope: SCOPE,
  redirect_uri: `${origin}/`, silent_redirect_uri: `${origin}/`, post_logout_redirect_uri: `${origin}/bye`,
  automaticSilentRenew: false, silentRequestTimeoutInSeconds: 30, ...more,
});
const OFFLINE = { scope: `${SCOPE} offline_access` };

/** A sign-in by redirect. Gives the user. */
async function arrive(app, byHand = signInPlainly, ...given) {
  await app.leave("signinRedirect", ...given);
  await byHand(app.page);
  const { value, error } = await app.back();
  assert.equal(error, undefined, JSON.stringify(error));
  return value;
}

const statuses = (app, path) => app.to(path).map(({ status }) => status);
const last = (app) => app.to("/authorize").at(-1).url.searchParams;

const claims = ({ origin, visit }) => ({
  async "a password and an authenticator app sign in by discovery, and userinfo is loaded"() {
    const app = await visit(optionsOf(origin, { loadUserInfo: true }));
    const user = await arrive(app, signIn, { state: { target: "/orders" } });
    assert.deepEqual([user.state, user.profile.email, claimsOf(user.id_token).acr], [{ target: "/orders" }, USER.email, "aal2"]);
    assert.equal([claimsOf(user.access_token).aud].flat()[0], API);
    assert.equal(last(app).get("response_mode"), null);
    assert.deepEqual(statuses(app, "/userinfo"), [200]);
    return app;
  },

  async "a frame renews silently, with the id token as hint"() {
    const app = await visit(optionsOf(origin, { includeIdTokenInSilentRenew: true }));
    const before = await arrive(app);
    const after = await app.done("signinSilent");
    assert.notEqual(after.access_token, before.access_token);
    assert.deepEqual([last(app).get("prompt"), last(app).get("id_token_hint")], ["none", before.id_token]);
    return app;
  },

  async "a refresh token renews silently, also after a reload, without /authorize"() {
    const app = await visit(optionsOf(origin, OFFLINE));
    const users = [await arrive(app), await app.done("signinSilent")];
    await app.reload();
    users.push(await app.done("signinSilent"));
    assert.equal(new Set(users.map((user) => user.access_token)).size, 3);
    assert.equal(app.to("/authorize").length, 1);
    return app;
  },

  async "an access token is renewed by itself before it expires"() {
    // Tokens are good for an hour, so this begins after two seconds.
    const renewal = { automaticSilentRenew: true, accessTokenExpiringNotificationTimeInSeconds: 3598 };
    const app = await visit(optionsOf(origin, { ...OFFLINE, ...renewal }));
    const renewed = app.page.waitForResponse((response) => response.url() === `${https}oauth/token`
      && new URLSearchParams(response.request().postData()).get("grant_type") === "refresh_token");
    await arrive(app);
    assert.equal((await renewed).status(), 200);
    return app;
  },

  async "a sign-out with the id token comes back, and a silent renewal is then refused"() {
    const app = await visit(optionsOf(origin));
    await arrive(app);
    await app.leave("signoutRedirect", { state: { left: true } });
    await app.at("/bye");
    const { value, error } = await app.page.evaluate(() => globalThis.came);
    assert.equal(error, undefined, JSON.stringify(error));
    assert.deepEqual(value.userState, { left: true });
    assert.equal(app.to("/oidc/logout").length, 1);
    const silent = await app.call("signinSilent");
    assert.deepEqual([silent.error.kind, silent.error.error], ["ErrorResponse", "login_required"]);
    return app;
  },

  async "a sign-out that revokes ends the refresh token"() {
    const app = await visit(optionsOf(origin, { ...OFFLINE, revokeTokensOnSignout: true }));
    const user = await arrive(app);
    await app.leave("signoutRedirect");
    await app.at("/bye");
    assert.deepEqual([...new Set(statuses(app, "/oauth/revoke"))], [200]);
    const body = new URLSearchParams({ grant_type: "refresh_token", client_id: "oidc", refresh_token: user.refresh_token });
    const again = await fetch(new URL("oauth/token", https), { method: "POST", body });
    assert.deepEqual([again.status, (await again.json()).error], [403, "invalid_grant"]);
    return app;
  },

  ...Object.fromEntries([["query", "search"], ["fragment", "hash"]].map(([mode, part]) => [
    `response_mode ${mode} brings the answer to the page, and to the frame`, async () => {
      const app = await visit(optionsOf(origin, { response_mode: mode }));
      const came = [];
      app.page.on("framenavigated", (frame) => {
        if (/[?#].*\bcode=/.test(frame.url())) came.push(new URL(frame.url())[part].slice(0, 1));
      });
      await arrive(app);
      await app.done("signinSilent");
      assert.deepEqual(came, mode === "query" ? ["?", "?"] : ["#", "#"]);
      return app;
    },
  ])),

  async "an answer with a wrong state is refused, and no code is exchanged"() {
    const app = await visit(optionsOf(origin));
    await app.leave("signinRedirect");
    await app.page.getByLabel("Password", { exact: true }).waitFor();
    await app.page.goto(`${origin}/?code=somebody-elses&state=wrong&iss=${encodeURIComponent(https.href)}`);
    const { error } = await app.back();
    assert.equal(error.message, "No matching state found in storage");
    assert.deepEqual(app.to("/oauth/token"), []);
    return app;
  },

  async "acr_values and max_age lead to a sign-in that the id token tells of"() {
    const app = await visit(optionsOf(origin, { max_age: 60, acr_values: "aal2" }));
    const before = await arrive(app, signIn);
    assert.equal(claimsOf(before.id_token).acr, "aal2");
    await advance(120);
    assert.equal((await app.call("signinSilent")).error.error, "login_required");
    const after = await arrive(app, signIn);
    assert.ok(claimsOf(after.id_token).auth_time >= claimsOf(before.id_token).auth_time + 120);
    return app;
  },

  async "DPoP: sign-in, renewals and userinfo with the browser's key"() {
    const app = await visit(optionsOf(origin, { ...OFFLINE, bound: true }));
    const before = await arrive(app, signIn);
    const { jkt } = claimsOf(before.access_token).cnf;
    assert.deepEqual([before.token_type, last(app).get("dpop_jkt")], ["DPoP", jkt]);
    const after = await app.done("signinSilent");
    assert.deepEqual([after.token_type, claimsOf(after.access_token).cnf.jkt], ["DPoP", jkt]);
    const framed = await app.done("signinSilent", { forceIframeAuth: true });
    assert.equal(claimsOf(framed.access_token).cnf.jkt, jkt);
    const asked = await app.page.evaluate((url) => globalThis.ask(url), `${https}userinfo`);
    assert.equal(asked.value?.at(-1), 200, JSON.stringify(asked));
    return app;
  },

  async "DPoP: with a clock that is an hour wrong, each request is sent again with the nonce"() {
    await advance(3600);
    const app = await visit(optionsOf(origin, { ...OFFLINE, bound: true }));
    await arrive(app);
    assert.deepEqual(statuses(app, "/oauth/token"), [400, 200]);
    await app.done("signinSilent");
    const asked = await app.page.evaluate((url) => globalThis.ask(url), `${https}userinfo`);
    assert.deepEqual(asked.value, [401, 200]);
    await advance(1200);
    await app.done("signinSilent");
    assert.deepEqual(statuses(app, "/oauth/token"), [400, 200, 200, 400, 200]);
    return app;
  },
});

await withApp("oidc_page.js", async (context) => {
  await addClient("oidc", context.origin);
  await runClaims(claims(context));
});
