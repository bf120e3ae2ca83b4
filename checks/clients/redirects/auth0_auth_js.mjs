// The package @auth0/auth0-auth-js, unmodified, over https: what the other scripts of this
// package leave out. Logins by the pages, plain and pushed, machines, sign-out, and
// authenticators that are added and removed. This version of the package has no DPoP.
//
// usage: NODE_EXTRA_CA_CERTS=CERTIFICATE node auth0_auth_js.mjs HTTP_URL HTTPS_URL CERTIFICATE

import assert from "node:assert/strict";
import {
  AuthClient, BuildAuthorizationUrlError, isMfaRequiredError, MfaDeleteAuthenticatorError, MfaEnrollmentError,
  MfaVerifyError, PasswordlessChallengeError, PasswordlessStartError, TokenByCodeError, TokenExchangeError,
} from "@auth0/auth0-auth-js";
import {
  AUDIENCE, check, codeSentTo, currentTotp, finish, https, nextTotp, PLAIN_USER, thrownBy, USER,
  waitForNextSend, wrong,
} from "../service.mjs";
import { addClient, addWebClient, CALLBACK, GOODBYE, Person } from "./person.mjs";

console.log("@auth0/auth0-auth-js: the pages and the authenticators");

const SCOPE = "openid profile email offline_access read:sample";
const web = await addWebClient("auth0-web");
const page = await addWebClient("auth0-page", "browser");
const machine = await addClient("auth0-machine", "machine", "--scope", "read:sample");
const connection = "Username-Password-Authentication";

const clientOf = ({ id, secret }) => new AuthClient({
  domain: https.host, clientId: id, ...(secret ? { clientSecret: secret } : { tokenEndpointAuthMethod: "none" }),
  authorizationParams: { redirect_uri: CALLBACK, scope: SCOPE, audience: AUDIENCE },
});
const server = new AuthClient({ domain: https.host, clientId: "demo-server", clientSecret: "demo-secret" });

for (const pushedAuthorizationRequests of [false, true]) {
  await check(`a login by the pages gives tokens, ${pushedAuthorizationRequests ? "pushed" : "plain"}`, async () => {
    const auth0 = clientOf(web);
    const { authorizationUrl, codeVerifier } = await auth0.buildAuthorizationUrl({ pushedAuthorizationRequests });
    assert.equal(authorizationUrl.searchParams.has("request_uri"), pushedAuthorizationRequests);
    const { url } = await new Person(PLAIN_USER).signIn(authorizationUrl);
    const tokens = await auth0.getTokenByCode(url, { codeVerifier });
    assert.deepEqual([tokens.claims.aud, tokens.claims.acr], [web.id, "aal1"]);
    const user = await auth0.getUserInfo({ accessToken: tokens.accessToken, expectedSubject: tokens.claims.sub });
    assert.equal(user.email, PLAIN_USER.name);
    const after = await auth0.getTokenByRefreshToken({ refreshToken: tokens.refreshToken });
    assert.equal(after.claims.sub, tokens.claims.sub);
  });
}

await check("a login by the pages asks for the second factor, and the code is good once", async () => {
  const auth0 = clientOf(web);
  const authorizationParams = { redirect_uri: CALLBACK, scope: SCOPE, audience: AUDIENCE, acr_values: "aal2" };
  const { authorizationUrl, codeVerifier } = await auth0.buildAuthorizationUrl({ authorizationParams });
  const { url } = await new Person(USER).signIn(authorizationUrl);
  assert.equal((await auth0.getTokenByCode(url, { codeVerifier })).claims.acr, "aal2");
  const error = await thrownBy(() => auth0.getTokenByCode(url, { codeVerifier }));
  assert.ok(error instanceof TokenByCodeError, error.message);
  assert.deepEqual([error.statusCode, error.cause.error], [403, "invalid_grant"]);
});

await check("a sign-out comes back to the app, and ends the session of the pages", async () => {
  const auth0 = clientOf(web);
  const person = new Person(PLAIN_USER);
  await person.signIn((await auth0.buildAuthorizationUrl()).authorizationUrl);
  // The package names no user at the address of OpenID Connect, so a page asks the user first.
  const asked = await person.open(await auth0.buildLogoutUrl({ returnTo: GOODBYE }), { stop: GOODBYE });
  const out = await person.submit(asked, {}, { stop: GOODBYE });
  assert.equal(out.url.href, GOODBYE);
  const next = await person.open((await auth0.buildAuthorizationUrl()).authorizationUrl, { stop: CALLBACK });
  assert.ok(person.form(next).fields.has("password"));
});

await check("a machine gets a token of its own", async () => {
  const tokens = await clientOf(machine).getTokenByClientCredentials({ audience: AUDIENCE });
  assert.deepEqual([tokens.scope, tokens.refreshToken, tokens.idToken], ["read:sample", undefined, undefined]);
});

await check("a pushed request that the service refuses is the package's own error", async () => {
  const authorizationParams = { redirect_uri: "http://localhost:3999/elsewhere", scope: SCOPE };
  const options = { pushedAuthorizationRequests: true, authorizationParams };
  const error = await thrownBy(() => clientOf(web).buildAuthorizationUrl(options));
  assert.ok(error instanceof BuildAuthorizationUrlError, error.message);
  assert.equal(error.cause?.error, "invalid_request");
});

/** The token with which a user without a factor sets one up. */
async function enrolment(user) {
  const { accessToken } = await server.getTokenByPassword({
    username: user.name, password: user.password, audience: `${https}mfa/`,
    scope: "enroll read:authenticators remove:authenticators",
  });
  return accessToken;
}

await check("an authenticator app is added and confirmed, and is asked for at the next login", async () => {
  const user = PLAIN_USER;
  const token = await enrolment(user);
  const begun = await server.mfa.enrollAuthenticator({ mfaToken: token, authenticatorTypes: ["otp"] });
  assert.equal(begun.authenticatorType, "otp");
  assert.match(begun.barcodeUri, /^otpauth:\/\/totp\//);
  assert.equal(begun.recoveryCodes.length, 1);
  const otp = await currentTotp(begun.secret);
  const error = await thrownBy(() => server.mfa.verify({ mfaToken: token, factorType: "otp", otp: wrong(otp) }));
  assert.ok(error instanceof MfaVerifyError);
  assert.equal((await server.mfa.verify({ mfaToken: token, factorType: "otp", otp })).accessToken.length > 0, true);
  const refused = await thrownBy(() => server.getTokenByPassword({ username: user.name, password: user.password }));
  assert.ok(isMfaRequiredError(refused));
  const mfaToken = refused.cause.mfa_token;
  const again = await thrownBy(() => server.mfa.enrollAuthenticator({ mfaToken, authenticatorTypes: ["otp"] }));
  assert.ok(again instanceof MfaEnrollmentError, again.message);
  assert.equal(again.cause.error_description, "User is already enrolled");
  // The second factor shown for the audience of the authenticators lets the user change them.
  const first = await thrownBy(() => server.getTokenByPassword({
    username: user.name, password: user.password, audience: `${https}mfa/`,
    scope: "enroll read:authenticators remove:authenticators",
  }));
  const shown = { mfaToken: first.cause.mfa_token, factorType: "otp", otp: await nextTotp(begun.secret) };
  const { accessToken } = await server.mfa.verify(shown);
  await waitForNextSend();
  const phoneNumber = "+15555550177";
  const sms = await server.mfa.enrollAuthenticator({
    mfaToken: accessToken, authenticatorTypes: ["oob"], oobChannels: ["sms"], phoneNumber,
  });
  assert.deepEqual([sms.oobChannel, sms.bindingMethod], ["sms", "prompt"]);
  const bindingCode = await codeSentTo(phoneNumber);
  await server.mfa.verify({ mfaToken: accessToken, factorType: "oob", oobCode: sms.oobCode, bindingCode });
  const listed = await server.mfa.listAuthenticators({ mfaToken: accessToken });
  const phone = listed.find(({ type }) => type === "phone");
  assert.equal(phone.active, true);
  await server.mfa.deleteAuthenticator({ mfaToken: accessToken, authenticatorId: phone.id });
  const left = await server.mfa.listAuthenticators({ mfaToken: accessToken });
  assert.ok(!left.some(({ id }) => id === phone.id));
  const gone = await thrownBy(() => server.mfa.deleteAuthenticator({ mfaToken: accessToken, authenticatorId: phone.id }));
  assert.ok(gone instanceof MfaDeleteAuthenticatorError, gone.message);
});

await check("a text message goes out in place of a password, and what cannot be sent is refused in the package's own errors", async () => {
  await server.passwordless.sendSms({ phoneNumber: USER.phone });
  assert.match(await codeSentTo(USER.phone), /^\d{6}$/);
  const sms = await thrownBy(() => server.passwordless.sendSms({ phoneNumber: "555" }));
  assert.ok(sms instanceof PasswordlessStartError, sms.message);
  const challenge = await thrownBy(() => server.passwordless.challengeWithPhoneNumber({ phoneNumber: "555", connection }));
  assert.ok(challenge instanceof PasswordlessChallengeError, challenge.message);
  const link = await thrownBy(() => server.passwordless.sendEmail({ email: USER.email, send: "link" }));
  assert.ok(link instanceof PasswordlessStartError, link.message);
});

await check("token exchange is refused by its name", async () => {
  const error = await thrownBy(() => server.exchangeToken({
    subjectToken: "x", subjectTokenType: "urn:example:token", audience: AUDIENCE,
  }));
  assert.ok(error instanceof TokenExchangeError, error.message);
  assert.equal(error.cause.error, "unsupported_grant_type");
});

finish();
