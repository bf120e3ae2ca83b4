// The package @auth0/auth0-auth-js, unmodified, over https as a confidential client:
// whole logins with every factor, refresh, revocation, and the errors that an app gets
// for each refusal.
//
// usage: NODE_EXTRA_CA_CERTS=CERTIFICATE node auth0_auth_js.mjs HTTP_URL HTTPS_URL CERTIFICATE

import assert from "node:assert/strict";
import {
  AuthClient, isMfaRequiredError, MfaChallengeError, MfaListAuthenticatorsError, MfaVerifyError,
  TokenByClientCredentialsError, TokenByPasswordError, TokenByRefreshTokenError, TokenRevocationError,
  UserInfoError,
} from "@auth0/auth0-auth-js";
import {
  advance, AUDIENCE, check, codeSentTo, finish, https, nextTotp, PLAIN_USER, recovery, thrownBy, USER,
  waitForNextSend, wrong,
} from "./service.mjs";

const SCOPE = "openid profile email phone read:sample offline_access";
const options = { domain: https.host, clientId: "demo-server", clientSecret: "demo-secret" };
const auth0 = new AuthClient(options);

const signIn = ({ name, password }, more = {}) =>
  auth0.getTokenByPassword({ username: name, password, audience: AUDIENCE, scope: SCOPE, ...more });

/** The password step for the user with every factor. */
async function mfaToken() {
  const error = await thrownBy(() => signIn(USER));
  assert.ok(isMfaRequiredError(error), `${error.cause?.error}`);
  return error.cause.mfa_token;
}

/** A code over that channel, requested by the authenticator's id from the list. */
async function challenge(token, channel) {
  const listed = await auth0.mfa.listAuthenticators({ mfaToken: token });
  const authenticatorId = listed.find(({ oobChannels }) => oobChannels?.includes(channel)).id;
  return auth0.mfa.challengeAuthenticator({ mfaToken: token, challengeType: "oob", authenticatorId });
}

/** The error's class, its status and both of its texts. */
function assertRefused(error, kind, status, code, description) {
  assert.ok(error instanceof kind, `${error.name}: ${error.message}`);
  assert.deepEqual([error.statusCode, error.cause.error, error.cause.error_description], [status, code, description]);
}

async function refreshRefused(refreshToken) {
  const error = await thrownBy(() => auth0.getTokenByRefreshToken({ refreshToken }));
  assertRefused(error, TokenByRefreshTokenError, 403, "invalid_grant", "Unknown or invalid refresh token.");
}

/** Checks everything that a login gives, and that the service accepts the tokens. */
async function assertTokens(tokens, amr, acr) {
  assert.equal(tokens.tokenType.toLowerCase(), "bearer");
  assert.deepEqual(new Set(tokens.scope.split(" ")), new Set(SCOPE.split(" ")));
  assert.ok(tokens.refreshToken);
  // The client has already checked issuer, audience and expiry.
  assert.deepEqual([tokens.claims.amr.toSorted(), tokens.claims.acr], [amr.toSorted(), acr]);
  const user = await auth0.getUserInfo({ accessToken: tokens.accessToken, expectedSubject: tokens.claims.sub });
  assert.equal(user.email, USER.email);
  assert.equal(user.phone_number, USER.phone);
}

console.log("@auth0/auth0-auth-js");

await check("it finds the service by its domain", async () => {
  const metadata = await auth0.getServerMetadata();
  assert.equal(metadata.issuer, https.href);
  assert.equal(metadata.token_endpoint, `${https}oauth/token`);
  assert.equal(metadata.mfa_challenge_endpoint, `${https}mfa/challenge`);
});

await check("a user without a second factor gets tokens for the password", async () => {
  const tokens = await signIn(PLAIN_USER);
  assert.deepEqual([tokens.claims.amr, tokens.claims.acr], [["pwd"], "aal1"]);
  const user = await auth0.getUserInfo({ accessToken: tokens.accessToken, expectedSubject: tokens.claims.sub });
  assert.equal(user.email, PLAIN_USER.name);
});

await check("a realm is taken", async () => {
  const tokens = await signIn(PLAIN_USER, { realm: "Username-Password-Authentication" });
  assert.equal(tokens.claims.preferred_username, PLAIN_USER.name);
});

await check("without scope openid there is no id token, and without offline_access no refresh token", async () => {
  const tokens = await signIn(PLAIN_USER, { scope: "read:sample" });
  assert.deepEqual([tokens.scope, tokens.idToken, tokens.refreshToken], ["read:sample", undefined, undefined]);
});

await check("the password of a user with factors is answered that a second factor is needed", async () => {
  const error = await thrownBy(() => signIn(USER));
  assertRefused(error, TokenByPasswordError, 403, "mfa_required", "Multifactor authentication required");
  assert.ok(isMfaRequiredError(error));
  const types = error.cause.mfa_requirements.challenge.map(({ type }) => type);
  assert.deepEqual(types.toSorted(), ["email", "otp", "phone", "recovery-code"]);
});

await check("the authenticators are listed in the client's own shape", async () => {
  const listed = await auth0.mfa.listAuthenticators({ mfaToken: await mfaToken() });
  const told = listed.map(({ authenticatorType, oobChannels, name, type, active }) =>
    [authenticatorType, oobChannels?.join(), name, type, active]);
  assert.deepEqual(told.toSorted(), [
    ["oob", "email", USER.email, "email", true],
    ["oob", "sms", "XXXXXXXX0100", "phone", true],
    ["otp", undefined, undefined, "otp", true],
    ["recovery-code", undefined, undefined, "recovery-code", true],
  ]);
  for (const { id } of listed) assert.match(id, /^(totp|sms|email|recovery-code)\|dev_/);
});

await check("an authenticator app's code completes a login, challenged or not", async () => {
  for (const challenged of [true, false]) {
    const token = await mfaToken();
    if (challenged) {
      const answer = await auth0.mfa.challengeAuthenticator({ mfaToken: token, challengeType: "otp" });
      assert.deepEqual(answer, { challengeType: "otp" });
    }
    const otp = await nextTotp(USER.seed);
    const tokens = await auth0.mfa.verify({ mfaToken: token, factorType: "otp", otp });
    await assertTokens(tokens, ["pwd", "otp", "mfa"], "aal2");
  }
});

for (const [channel, address, amr, acr] of [
  ["email", USER.email, ["pwd", "otp", "mfa"], "aal1"],
  ["sms", USER.phone, ["pwd", "sms", "mfa"], "aal2"],
]) {
  await check(`a code by ${channel} completes a login, and no other`, async () => {
    await waitForNextSend();
    const token = await mfaToken();
    const { challengeType, bindingMethod, oobCode } = await challenge(token, channel);
    assert.deepEqual([challengeType, bindingMethod], ["oob", "prompt"]);
    const bindingCode = await codeSentTo(address);
    const shown = { factorType: "oob", oobCode, bindingCode };
    const another = await thrownBy(async () => auth0.mfa.verify({ mfaToken: await mfaToken(), ...shown }));
    assert.ok(another instanceof MfaVerifyError, another.message);
    await assertTokens(await auth0.mfa.verify({ mfaToken: token, ...shown }), amr, acr);
    const again = await thrownBy(() => auth0.mfa.verify({ mfaToken: token, ...shown }));
    assertRefused(again, MfaVerifyError, 401, "expired_token", "mfa_token is expired");
  });
}

await check("a recovery code completes a login, gives the next one, and is used up", async () => {
  const used = recovery.code;
  const show = async (recoveryCode) =>
    auth0.mfa.verify({ mfaToken: await mfaToken(), factorType: "recovery-code", recoveryCode });
  const tokens = await show(used);
  assert.match(tokens.recoveryCode, /^[A-Z0-9]{24}$/);
  recovery.code = tokens.recoveryCode;
  const error = await thrownBy(() => show(used));
  assertRefused(error, MfaVerifyError, 403, "invalid_grant", "MFA Authorization rejected.");
  recovery.code = (await show(recovery.code)).recoveryCode;
});

await check("the whole answer is there for who asks for it", async () => {
  const { data, response } = await signIn(PLAIN_USER, { fullResponse: true });
  assert.ok(data.accessToken);
  assert.deepEqual([response.status, response.headers.get("cache-control")], [200, "no-store"]);
});

await check("a refresh gives new tokens for the same user", async () => {
  const before = await signIn(PLAIN_USER);
  await advance(5);
  const after = await auth0.getTokenByRefreshToken({ refreshToken: before.refreshToken });
  assert.notEqual(after.accessToken, before.accessToken);
  assert.notEqual(after.refreshToken, before.refreshToken);
  assert.equal(after.claims.sub, before.claims.sub);
  assert.equal(after.claims.auth_time, before.claims.auth_time);
  const narrower = await auth0.getTokenByRefreshToken({ refreshToken: after.refreshToken, scope: "openid" });
  assert.equal(narrower.scope, "openid");
});

await check("a refresh tried again within the grace gets the same successor", async () => {
  const { refreshToken } = await signIn(PLAIN_USER);
  const first = await auth0.getTokenByRefreshToken({ refreshToken });
  await advance(50);
  const second = await auth0.getTokenByRefreshToken({ refreshToken });
  assert.equal(second.refreshToken, first.refreshToken);
});

await check("a refresh token used again after the grace ends the session", async () => {
  const { refreshToken } = await signIn(PLAIN_USER);
  const successor = await auth0.getTokenByRefreshToken({ refreshToken });
  await advance(61);
  await refreshRefused(refreshToken);
  await refreshRefused(successor.refreshToken);
});

await check("a revoked refresh token is refused, and an unknown one revokes without complaint", async () => {
  const { refreshToken } = await signIn(PLAIN_USER);
  await auth0.revokeToken({ token: refreshToken, tokenTypeHint: "refresh_token" });
  await refreshRefused(refreshToken);
  await auth0.revokeToken({ token: "unknown" });
});

await check("an unknown refresh token is refused", () => refreshRefused("unknown"));

await check("a wrong password and an unknown name are answered alike", async () => {
  for (const user of [{ ...USER, password: "wrong" }, { name: "nobody@example.com", password: "pwd" }]) {
    const error = await thrownBy(() => signIn(user));
    assertRefused(error, TokenByPasswordError, 403, "invalid_grant", "Wrong email or password.");
    assert.ok(!isMfaRequiredError(error));
  }
});

await check("a wrong client secret is refused at every endpoint that takes one, and uses nothing up", async () => {
  const stranger = new AuthClient({ ...options, clientSecret: "wrong" });
  const { name, password } = PLAIN_USER;
  // At the token endpoints, the answer has a challenge too, and then the client does
  // not read the body. `cargo local` names the client in the answer.
  const refusal = 'Client authentication failed. (client "demo-server")';
  const assertStranger = (error, kind) => assertRefused(error, kind, 401, "invalid_client", refusal);
  assertStranger(await thrownBy(() => stranger.getTokenByPassword({ username: name, password })), TokenByPasswordError);
  const { refreshToken } = await signIn(PLAIN_USER);
  assertStranger(await thrownBy(() => stranger.getTokenByRefreshToken({ refreshToken })), TokenByRefreshTokenError);
  assertStranger(await thrownBy(() => stranger.revokeToken({ token: refreshToken })), TokenRevocationError);
  await auth0.getTokenByRefreshToken({ refreshToken });
  const token = await mfaToken();
  const challenged = await thrownBy(() => stranger.mfa.challengeAuthenticator({ mfaToken: token, challengeType: "otp" }));
  assertRefused(challenged, MfaChallengeError, 401, "invalid_client", refusal);
  const otp = await nextTotp(USER.seed);
  const verifying = () => stranger.mfa.verify({ mfaToken: token, factorType: "otp", otp });
  assertStranger(await thrownBy(verifying), MfaVerifyError);
  await auth0.mfa.verify({ mfaToken: token, factorType: "otp", otp });
});

await check("wrong codes are refused in the words that the client knows, and the right one still works", async () => {
  await waitForNextSend();
  const token = await mfaToken();
  const otp = await nextTotp(USER.seed);
  const wrongOtp = await thrownBy(() => auth0.mfa.verify({ mfaToken: token, factorType: "otp", otp: wrong(otp) }));
  assertRefused(wrongOtp, MfaVerifyError, 403, "invalid_grant", "Invalid otp_code.");
  const { oobCode } = await challenge(token, "email");
  const bindingCode = wrong(await codeSentTo(USER.email));
  const wrongCode = await thrownBy(() => auth0.mfa.verify({ mfaToken: token, factorType: "oob", oobCode, bindingCode }));
  assertRefused(wrongCode, MfaVerifyError, 403, "invalid_grant", "Invalid binding_code.");
  const shown = { mfaToken: token, factorType: "oob", oobCode, bindingCode: await codeSentTo(USER.email) };
  await assertTokens(await auth0.mfa.verify(shown), ["pwd", "otp", "mfa"], "aal1");
});

await check("an authenticator app's code is good for one login", async () => {
  const otp = await nextTotp(USER.seed);
  await auth0.mfa.verify({ mfaToken: await mfaToken(), factorType: "otp", otp });
  const error = await thrownBy(async () => auth0.mfa.verify({ mfaToken: await mfaToken(), factorType: "otp", otp }));
  assertRefused(error, MfaVerifyError, 403, "invalid_grant", "Invalid otp_code.");
});

await check("an mfa_token that is none, and one that is too old, are refused", async () => {
  const show = (token) => thrownBy(() => auth0.mfa.verify({ mfaToken: token, factorType: "otp", otp: "000000" }));
  assertRefused(await show("none"), MfaVerifyError, 403, "invalid_grant", "Malformed mfa_token");
  const listing = await thrownBy(() => auth0.mfa.listAuthenticators({ mfaToken: "none" }));
  assert.ok(listing instanceof MfaListAuthenticatorsError);
  assert.deepEqual([listing.statusCode, listing.cause.error], [401, "invalid_token"]);
  const token = await mfaToken();
  await advance(601);
  assertRefused(await show(token), MfaVerifyError, 401, "expired_token", "mfa_token is expired");
});

await check("a code asked for again at once is refused with when to ask again", async () => {
  await waitForNextSend();
  const token = await mfaToken();
  await challenge(token, "sms");
  const error = await thrownBy(() => challenge(token, "sms"));
  assert.ok(error instanceof MfaChallengeError);
  assert.deepEqual([error.statusCode, error.cause.error], [429, "too_many_attempts"]);
  const wait = Number(error.headers.get("retry-after"));
  assert.ok(wait >= 1 && wait <= 30, `${wait}`);
});

await check("an authenticator that the user does not have cannot be challenged", async () => {
  const challengeType = "oob", authenticatorId = "push|dev_1";
  const error = await thrownBy(async () =>
    auth0.mfa.challengeAuthenticator({ mfaToken: await mfaToken(), challengeType, authenticatorId }));
  assert.ok(error instanceof MfaChallengeError);
  assert.deepEqual([error.statusCode, error.cause.error], [400, "unsupported_challenge_type"]);
});

await check("scopes, audiences and grants that the client may not have are refused", async () => {
  const scope = await thrownBy(() => signIn(PLAIN_USER, { scope: "delete:everything" }));
  assert.deepEqual([scope.statusCode, scope.cause.error], [400, "invalid_scope"]);
  const audience = await thrownBy(() => signIn(PLAIN_USER, { audience: "https://other.example/api" }));
  assert.deepEqual([audience.statusCode, audience.cause.error], [403, "access_denied"]);
  const grant = await thrownBy(() => auth0.getTokenByClientCredentials({ audience: AUDIENCE }));
  const lacking = "Grant type not allowed for the client.";
  assertRefused(grant, TokenByClientCredentialsError, 403, "unauthorized_client", lacking);
});

await check("an access token that is none, and one that is too old, get no user info", async () => {
  const { accessToken } = await signIn(PLAIN_USER);
  await advance(3601);
  for (const token of ["none", accessToken]) {
    const error = await thrownBy(() => auth0.getUserInfo({ accessToken: token }));
    assert.ok(error instanceof UserInfoError);
    assert.equal(error.statusCode, 401);
  }
});

await check("ten wrong codes block the user's codes until six minutes later", async () => {
  // By now, the budget has refilled after the earlier wrong codes.
  await advance(3600);
  const token = await mfaToken();
  const right = await nextTotp(USER.seed);
  const show = (otp) => auth0.mfa.verify({ mfaToken: token, factorType: "otp", otp });
  for (let count = 0; count < 10; count += 1) {
    const error = await thrownBy(() => show(wrong(right)));
    assertRefused(error, MfaVerifyError, 403, "invalid_grant", "Invalid otp_code.");
  }
  const error = await thrownBy(() => show(right));
  assert.deepEqual([error.statusCode, error.cause.error], [429, "too_many_attempts"]);
  assert.match(error.cause.error_description, /^Your account has been blocked after multiple consecutive login/);
  await advance(Number(error.headers.get("retry-after")));
  const fresh = await mfaToken();
  await auth0.mfa.verify({ mfaToken: fresh, factorType: "otp", otp: await nextTotp(USER.seed) });
});

await check("ten wrong passwords block the name, the right one too, until the time it is told", async () => {
  for (let count = 0; count < 10; count += 1) {
    const error = await thrownBy(() => signIn({ ...PLAIN_USER, password: `wrong ${count}` }));
    assertRefused(error, TokenByPasswordError, 403, "invalid_grant", "Wrong email or password.");
  }
  const error = await thrownBy(() => signIn(PLAIN_USER));
  assert.deepEqual([error.statusCode, error.cause.error], [429, "too_many_attempts"]);
  assert.equal(error.headers.get("x-ratelimit-remaining"), "0");
  await advance(Number(error.headers.get("retry-after")));
  assert.ok((await signIn(PLAIN_USER)).accessToken);
});

finish();
