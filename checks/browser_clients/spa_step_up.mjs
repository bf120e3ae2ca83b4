// auth0-spa-js, unmodified, in Chromium: a stronger or younger sign-in, by `acr_values` and
// `max_age`. The service must ask nobody for a second factor (COUNTERSIGN_MFA_POLICY
// `disabled`), so that a session by the password alone is there to be made stronger.
//
// usage: NODE_EXTRA_CA_CERTS=CERTIFICATE node spa_step_up.mjs HTTP_URL HTTPS_URL CERTIFICATE

import assert from "node:assert/strict";
import { advance, codeSentTo, nextTotp, USER, waitForNextSend } from "../clients/service.mjs";
import { addClient, claimsOf, enterPassword, enterTotp, runClaims, withApp } from "./app.mjs";
import { arrive, notRenewed, optionsOf, renewed } from "./spa_app.mjs";

const MFA = "http://schemas.openid.net/pape/policies/2007/06/multi-factor";
const REFRESH = { useRefreshTokens: true };

const byPassword = (page) => enterPassword(page, USER);
const acrOf = async (app) => (await app.done("getIdTokenClaims")).acr;
/** The signed-in browser is asked for the factor alone. */
const stronger = (app) => arrive(app, enterTotp, { authorizationParams: { acr_values: MFA } });

const claims = ({ origin, visit }) => ({
  async "by web_message, a session too weak for acr_values gets login_required; the factor alone makes it stronger"() {
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

  async "by web_message with interactiveErrorHandler, a session too weak for acr_values opens a popup, which asks for the factor alone"() {
    const app = await visit(optionsOf(origin, { interactiveErrorHandler: "popup" }));
    await arrive(app, byPassword);
    const opening = app.page.context().waitForEvent("page");
    const token = renewed(app, { acr_values: MFA });
    await enterTotp(await opening);
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

  async "with refresh tokens, a session too weak for acr_values is refused; after a redirect that asks for the factor alone, it renews"() {
    const app = await visit(optionsOf(origin, REFRESH));
    await arrive(app, byPassword);
    const refused = await notRenewed(app, { acr_values: "aal2" });
    assert.deepEqual([refused.kind, refused.error], ["MfaRequiredError", "mfa_required"]);
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
    assert.equal((await notRenewed(app, { max_age: 60 })).error, "mfa_required");
    await arrive(app, byPassword, { authorizationParams: { max_age: 60 } });
    await renewed(app, { max_age: 60 });
    return app;
  },

  async "with refresh tokens, the library's mfa API shows the code of the authenticator app, and renewals are strong"() {
    const app = await visit(optionsOf(origin, REFRESH));
    await arrive(app, byPassword);
    const before = claimsOf(await app.done("getTokenSilently"));
    const { mfa_token: token } = await notRenewed(app, { acr_values: "aal2" });
    const types = (await app.done("mfa.getAuthenticators", token)).map(({ type }) => type);
    assert.ok(types.includes("otp") && types.includes("phone"), String(types));
    assert.deepEqual(await app.done("mfa.getEnrollmentFactors", token), []);
    const wrong = await app.call("mfa.verify", { mfaToken: token, otp: "000000" });
    assert.equal(wrong.error.error, "invalid_grant");
    await app.done("mfa.verify", { mfaToken: token, otp: await nextTotp(USER.seed) });
    const after = claimsOf(await renewed(app, { acr_values: "aal2" }));
    assert.equal(after.acr, "aal2");
    assert.ok(after.auth_time > before.auth_time);
    return app;
  },

  async "with refresh tokens in local storage, the library's mfa API sends a text message, and takes its code"() {
    const app = await visit(optionsOf(origin, { ...REFRESH, cacheLocation: "localstorage" }));
    await arrive(app, byPassword);
    await waitForNextSend();
    const { mfa_token: mfaToken } = await notRenewed(app, { acr_values: "aal2" });
    const phone = (await app.done("mfa.getAuthenticators", mfaToken)).find(({ type }) => type === "phone");
    const { oobCode } = await app.done("mfa.challenge", { mfaToken, challengeType: "oob", authenticatorId: phone.id });
    await app.done("mfa.verify", { mfaToken, oobCode, bindingCode: await codeSentTo(USER.phone) });
    assert.equal(claimsOf(await renewed(app, { acr_values: "aal2" })).acr, "aal2");
    return app;
  },
});

await withApp("spa_page.js", async (context) => {
  await addClient("spa", context.origin, "--web-origin", context.origin);
  await runClaims(claims(context));
});
