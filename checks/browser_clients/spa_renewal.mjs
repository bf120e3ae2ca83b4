// auth0-spa-js: sign-in by redirect, silent renewal with refresh tokens and by web_message,
// reload and logout.

import assert from "node:assert/strict";
import { codeSentTo, https, USER } from "../clients/service.mjs";
import { API, claimsOf, enterPassword, enterTotp, signIn } from "./app.mjs";
import { arrive, notRenewed, optionsOf, renewed, signOut } from "./spa_app.mjs";

const REFRESH = { useRefreshTokens: true };

/** Signs in by the password and a code by e-mail. */
async function byMail(page) {
  await enterPassword(page, USER);
  await page.getByRole("button", { name: /by e-mail/ }).click();
  await page.getByLabel(/^Code from the message/).fill(await codeSentTo(USER.email));
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

export const renewal = ({ origin, visit }) => ({
  async "a password and an authenticator app sign in, and the app's state comes back"() {
    const app = await visit(optionsOf(origin, REFRESH));
    const { appState } = await arrive(app, signIn, { appState: { target: "/orders" } });
    assert.deepEqual(appState, { target: "/orders" });
    const { iss, aud, name, email, acr } = await app.done("getIdTokenClaims");
    assert.deepEqual([iss, aud, name, email, acr], [https.href, "spa", "Demo User", USER.email, "aal2"]);
    const token = claimsOf(await app.done("getTokenSilently"));
    assert.deepEqual([[token.aud].flat()[0], token.client_id], [API, "spa"]);
    return app;
  },

  async "with refresh tokens, two renewals give new access tokens, without /authorize"() {
    const app = await visit(optionsOf(origin, REFRESH));
    await arrive(app);
    const before = app.to("/authorize").length;
    const tokens = [await app.done("getTokenSilently"), await renewed(app), await renewed(app)];
    assert.equal(new Set(tokens).size, 3);
    assert.equal(app.to("/authorize").length, before);
    return app;
  },

  async "with refresh tokens in local storage, a renewal after a reload needs no frame"() {
    const app = await visit(optionsOf(origin, { ...REFRESH, cacheLocation: "localstorage" }));
    await arrive(app);
    const before = app.to("/authorize").length;
    await app.reload();
    const token = await app.done("getTokenSilently");
    assert.notEqual(await renewed(app), token);
    assert.equal(app.to("/authorize").length, before);
    return app;
  },

  async "with refresh tokens in memory, a renewal after a reload falls back to a frame, and then refreshes"() {
    const app = await visit(optionsOf(origin, { ...REFRESH, useRefreshTokensFallback: true }));
    await arrive(app);
    await app.reload();
    await app.done("checkSession");
    assert.equal(app.to("/authorize").at(-1).url.searchParams.get("response_mode"), "web_message");
    const before = app.to("/authorize").length;
    await renewed(app);
    assert.equal(app.to("/authorize").length, before);
    return app;
  },

  async "with refresh tokens, a revoked one renews nothing"() {
    const app = await visit(optionsOf(origin, { ...REFRESH, cacheLocation: "localstorage" }));
    await arrive(app);
    const kept = await app.page.evaluate(() => ({ ...localStorage }));
    await app.done("revokeRefreshToken");
    assert.deepEqual(app.to("/oauth/revoke").map(({ status }) => status), [200]);
    await app.page.evaluate((kept) => Object.assign(localStorage, kept), kept);
    const { kind, error, message } = await notRenewed(app);
    assert.deepEqual([kind, error, message], ["GenericError", "invalid_grant", "Unknown or invalid refresh token."]);
    return app;
  },

  async "by web_message, a frame renews, and the session is there after a reload"() {
    const app = await visit(optionsOf(origin));
    await arrive(app, signIn);
    const token = await app.done("getTokenSilently");
    assert.notEqual(await renewed(app), token);
    const { searchParams } = app.to("/authorize").at(-1).url;
    assert.deepEqual([searchParams.get("response_mode"), searchParams.get("prompt")], ["web_message", "none"]);
    await app.reload();
    await app.done("checkSession");
    assert.equal((await app.done("getUser")).email, USER.email);
    return app;
  },

  async "a popup signs in by web_message"() {
    const app = await visit(optionsOf(origin));
    const opening = app.page.waitForEvent("popup");
    const token = app.done("getTokenWithPopup");
    const popup = await opening;
    await enterPassword(popup, { name: "plain@example.com", password: "pwd" });
    assert.equal([claimsOf(await token).aud].flat()[0], API);
    return app;
  },

  async "a session of a code by e-mail is too weak for aal2, and the page then asks for another factor alone"() {
    const app = await visit(optionsOf(origin));
    await arrive(app, byMail);
    assert.equal((await app.done("getIdTokenClaims")).acr, "aal1");
    const { error, message } = await notRenewed(app, { acr_values: "aal2" });
    assert.deepEqual([error, message], ["login_required", "Multifactor authentication required"]);
    const byApp = async (page) => {
      await page.getByRole("button", { name: /by SMS/ }).waitFor();
      assert.equal(await page.getByRole("button", { name: /by e-mail/ }).count(), 0);
      await enterTotp(page);
    };
    await arrive(app, byApp, { authorizationParams: { acr_values: "aal2" } });
    assert.equal((await app.done("getIdTokenClaims")).acr, "aal2");
    await renewed(app, { acr_values: "aal2" });
    return app;
  },

  async "after a logout, a silent renewal is refused, and a sign-in asks for the password"() {
    const app = await visit(optionsOf(origin));
    await arrive(app);
    await renewed(app);
    await signOut(app, origin);
    const { kind, error } = await notRenewed(app);
    assert.deepEqual([kind, error], ["GenericError", "login_required"]);
    await app.leave("loginWithRedirect");
    await app.page.getByLabel("Password", { exact: true }).waitFor();
    return app;
  },

  async "with refresh tokens, a logout ends the browser's session, and the page has no refresh token"() {
    const app = await visit(optionsOf(origin, REFRESH));
    await arrive(app);
    await signOut(app, origin);
    const { kind } = await notRenewed(app);
    assert.equal(kind, "MissingRefreshTokenError");
    await app.begin(optionsOf(origin));
    assert.equal((await notRenewed(app)).error, "login_required");
    return app;
  },
});
