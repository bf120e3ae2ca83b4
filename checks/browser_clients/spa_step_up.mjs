// auth0-spa-js, unmodified, in Chromium: a stronger or younger sign-in, by `acr_values` and
// `max_age`. The service must ask nobody for a second factor (COUNTERSIGN_MFA_POLICY
// `disabled`), so that a session by the password alone is there to be made stronger.
//
// usage: NODE_EXTRA_CA_CERTS=CERTIFICATE node spa_step_up.mjs HTTP_URL HTTPS_URL CERTIFICATE

import assert from "node:assert/strict";
import { advance, USER } from "../clients/service.mjs";
import { addClient, claimsOf, enterPassword, runClaims, signIn, withApp } from "./app.mjs";
import { arrive, notRenewed, optionsOf, renewed } from "./spa_app.mjs";

const MFA = "http://schemas.openid.net/pape/policies/2007/06/multi-factor";
const REFRESH = { useRefreshTokens: true };

const byPassword = (page) => enterPassword(page, USER);
const acrOf = async (app) => (await app.done("getIdTokenClaims")).acr;
const stronger = (app) => arrive(app, signIn, { authorizationParams: { acr_values: MFA } });

const claims = ({ origin, visit }) => ({
  async "by web_message, a session too weak for acr_values gets login_required; a sign-in with the factor makes it stronger"() {
    const app = await visit(optionsOf(origin));
    await arrive(app, byPassword);
    assert.equal(await acrOf(app), "aal1");
    const { kind, error, message } = await notRenewed(app, { acr_values: MFA });
    assert.deepEqual([kind, error, message], ["GenericError", "login_required", "Multifactor authentication required"]);
    await stronger(app);
    assert.equal(await acrOf(app), MFA);
    assert.ok((await app.done("getIdTokenClaims")).amr.includes("mfa"));
    await renewed(app, { acr_values: MFA });
    assert.equal(await acrOf(app), MFA);
    return app;
  },

  async "by web_message with interactiveErrorHandler, a session too weak for acr_values opens a popup, which shows the factor"() {
    const app = await visit(optionsOf(origin, { interactiveErrorHandler: "popup" }));
    await arrive(app, byPassword);
    const opening = app.page.context().waitForEvent("page");
    const token = renewed(app, { acr_values: MFA });
    await signIn(await opening);
    assert.equal(claimsOf(await token).acr, "aal2");
    return app;
  },

  async "by web_message, a session older than max_age gets login_required; the password makes it younger"() {
    const app = await visit(optionsOf(origin, {}, { max_age: 600 }));
    await arrive(app, byPassword);
    const before = (await app.done("getIdTokenClaims")).auth_time;
    await renewed(app, { max_age: 60 });
    await advance(120);
    assert.equal((await notRenewed(app, { max_age: 60 })).error, "login_required");
    await arrive(app, byPassword, { authorizationParams: { max_age: 60 } });
    assert.ok((await app.done("getIdTokenClaims")).auth_time >= before + 120);
    await renewed(app, { max_age: 60 });
    return app;
  },

  async "with refresh tokens, a session too weak for acr_values is refused; after a redirect with the factor, it renews"() {
    const app = await visit(optionsOf(origin, REFRESH));
    await arrive(app, byPassword);
    const refused = await notRenewed(app, { acr_values: "aal2" });
    assert.equal(refused.error, "insufficient_user_authentication");
    await stronger(app);
    const before = claimsOf(await app.done("getTokenSilently"));
    const after = claimsOf(await renewed(app, { acr_values: "aal2", max_age: 600 }));
    assert.deepEqual([after.acr, after.auth_time], ["aal2", before.auth_time]);
    return app;
  },

  async "with refresh tokens, a session older than max_age is refused; after a redirect, it renews"() {
    const app = await visit(optionsOf(origin, REFRESH));
    await arrive(app, byPassword);
    await renewed(app, { max_age: 60 });
    await advance(120);
    assert.equal((await notRenewed(app, { max_age: 60 })).error, "insufficient_user_authentication");
    await arrive(app, byPassword, { authorizationParams: { max_age: 60 } });
    await renewed(app, { max_age: 60 });
    return app;
  },
});

await withApp("spa_page.js", async (context) => {
  await addClient("spa", context.origin, "--web-origin", context.origin);
  await runClaims(claims(context));
});
