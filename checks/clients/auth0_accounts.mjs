// The package @auth0/auth0-auth-js, unmodified, over https: sign-up, forgotten passwords
// and codes in place of a password. The pages behind the links are opened as a person does.
//
// usage: NODE_EXTRA_CA_CERTS=CERTIFICATE node auth0_accounts.mjs HTTP_URL HTTPS_URL CERTIFICATE

import assert from "node:assert/strict";
import { AuthClient, isMfaRequiredError, PasswordlessChallengeError, SignUpError } from "@auth0/auth0-auth-js";
import {
  advance, AUDIENCE, check, codeSentTo, finish, https, newestMessage, nextTotp, PLAIN_USER, thrownBy, USER,
  waitForNextSend, wrong,
} from "./service.mjs";

const connection = "Username-Password-Authentication";
const auth0 = new AuthClient({ domain: https.host, clientId: "demo-server", clientSecret: "demo-secret" });
const email = "new.user@example.net";
const password = "two green owls at dawn";
const scope = "openid profile email";

/** Opens the link of the newest message, and sends the form behind it. */
async function followLink(address, fields = {}) {
  const message = await newestMessage();
  assert.equal(message.to, address);
  const link = message.text.match(/^https?:\S+$/m)[0];
  const page = await fetch(link);
  assert.equal(page.status, 200, link);
  const html = (await page.text()).replaceAll("&amp;", "&");
  const form = new URLSearchParams(fields);
  for (const [input] of html.matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
    form.append(input.match(/name="([^"]*)"/)[1], input.match(/value="([^"]*)"/)[1]);
  }
  const action = new URL(html.match(/<form[^>]*action="([^"]*)"/)[1], link);
  const cookie = page.headers.getSetCookie().map((one) => one.split(";")[0]).join("; ");
  const headers = { cookie, "sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded" };
  const done = await fetch(action, { method: "POST", headers, body: `${form}`, redirect: "manual" });
  assert.equal(done.status, 303, await done.text());
}

const signIn = (name, secret) => auth0.getTokenByPassword({ username: name, password: secret, audience: AUDIENCE, scope });

console.log("@auth0/auth0-auth-js: accounts");

await check("a user signs up, confirms the address and signs in", async () => {
  const profile = { givenName: "New", familyName: "User", nickname: "newest", userMetadata: { plan: "premium" } };
  const made = await auth0.database.signUp({ email, password, connection, ...profile });
  assert.match(made.id, /^[0-9a-f-]{36}$/);
  assert.deepEqual([made.email, made.emailVerified, made.userMetadata], [email, false, { plan: "premium" }]);
  await followLink(email);
  const tokens = await signIn(email, password);
  assert.deepEqual([tokens.claims.sub, tokens.claims.nickname, tokens.claims.email_verified], [made.id, "newest", true]);
});

await check("a taken address is answered as a free one", async () => {
  const again = await auth0.database.signUp({ email: USER.email, password, connection });
  assert.deepEqual([again.email, again.emailVerified], [USER.email, false]);
});

await check("a weak password and another connection are refused with the client's own errors", async () => {
  const signUp = (more) => thrownBy(() => auth0.database.signUp({ email: "weak@example.net", password, connection, ...more }));
  const weak = await signUp({ password: "short" });
  assert.ok(weak instanceof SignUpError, weak.message);
  assert.deepEqual([weak.statusCode, weak.cause.error, JSON.parse(weak.body).name], [400, "invalid_password", "PasswordStrengthError"]);
  const elsewhere = await signUp({ connection: "another" });
  assert.deepEqual([elsewhere.statusCode, elsewhere.cause.error], [400, "invalid_connection"]);
});

await check("a forgotten password is reset on the page", async () => {
  await advance(3600);
  const said = await auth0.database.changePassword({ email, connection });
  assert.equal(said, "We've just sent you an email to reset your password.");
  const next = "seven brown foxes at dusk";
  await followLink(email, { new_password: next });
  assert.ok((await signIn(email, next)).accessToken);
});

await check("a code signs in, once", async () => {
  await waitForNextSend();
  const { authSession } = await auth0.passwordless.challengeWithEmail({ email: PLAIN_USER.name, connection });
  const otp = await codeSentTo(PLAIN_USER.name);
  const show = (code) => auth0.passwordless.getTokenByPasswordlessDbConnection({ authSession, otp: code, scope });
  const refused = await thrownBy(() => show(wrong(otp)));
  assert.equal(refused.cause.error, "invalid_request");
  const tokens = await show(otp);
  assert.deepEqual([tokens.claims.amr, tokens.claims.acr], [["otp"], "aal1"]);
  assert.equal((await thrownBy(() => show(otp))).cause.error, "invalid_request");
});

await check("a second factor is demanded after the code", async () => {
  await waitForNextSend();
  const { authSession } = await auth0.passwordless.challengeWithEmail({ email: USER.email, connection });
  const otp = await codeSentTo(USER.email);
  const error = await thrownBy(() => auth0.passwordless.getTokenByPasswordlessDbConnection({ authSession, otp, scope }));
  assert.ok(isMfaRequiredError(error), error.message);
  const mfaToken = error.cause.mfa_token;
  const tokens = await auth0.mfa.verify({ mfaToken, factorType: "otp", otp: await nextTotp(USER.seed) });
  assert.equal(tokens.claims.acr, "aal2");
});

await check("a code signs up, and a passwordless e-mail is sent", async () => {
  const address = "by.code@example.net";
  const options = { email: address, connection, allowSignup: true };
  const { authSession } = await auth0.passwordless.challengeWithEmail(options);
  const otp = await codeSentTo(address);
  const tokens = await auth0.passwordless.getTokenByPasswordlessDbConnection({ authSession, otp, scope });
  assert.equal(tokens.claims.email_verified, true);
  await waitForNextSend();
  await auth0.passwordless.sendEmail({ email: address });
  const code = await codeSentTo(address);
  const again = await auth0.getTokenByPasswordlessEmail({ email: address, code, scope });
  assert.equal(again.claims.sub, tokens.claims.sub);
});

await check("what a challenge lacks is told with the refused parameters", async () => {
  const error = await thrownBy(() => auth0.passwordless.challengeWithEmail({ email: "x", connection }));
  assert.ok(error instanceof PasswordlessChallengeError, error.message);
  assert.equal(error.cause.error, "invalid_request");
  assert.match(JSON.stringify(error), /email/);
});

finish();
