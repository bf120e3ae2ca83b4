// openid-client in Auth0's dialect. For openid-client, the grants of the MFA API are
// extension grants.

import assert from "node:assert/strict";
import * as client from "openid-client";
import * as oauth from "oauth4webapi";
import {
  advance, AUDIENCE, check, codeSentTo, https, nextTotp, PLAIN_USER, recovery, USER, waitForNextSend, wrong,
} from "./service.mjs";
import { challenged, refused, retryAfter } from "./refusals.mjs";

const SCOPE = "openid profile email phone read:sample offline_access";
const MFA = "http://auth0.com/oauth/grant-type/mfa-";

export async function auth0() {
  console.log("openid-client: Auth0's words");
  const config = await client.discovery(https, "demo-server", "demo-secret");
  client.enableNonRepudiationChecks(config);

  const signIn = ({ name: username, password }, more = {}) =>
    client.genericGrantRequest(config, "password", { username, password, audience: AUDIENCE, scope: SCOPE, ...more });

  /** The password step for the user with every factor. */
  async function mfaToken() {
    const error = await refused(403, "mfa_required", "Multifactor authentication required", () => signIn(USER));
    return error.cause.mfa_token;
  }

  /** openid-client does not know the MFA API, so the app sends this request itself. */
  async function challenge(token, channel) {
    const body = {
      mfa_token: token, client_id: "demo-server", client_secret: "demo-secret", challenge_type: "oob", oob_channel: channel,
    };
    const headers = { "content-type": "application/json" };
    const { mfa_challenge_endpoint: url } = config.serverMetadata();
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
    assert.equal(response.status, 200);
    return (await response.json()).oob_code;
  }

  const show = (factor, token, more) => client.genericGrantRequest(config, MFA + factor, { mfa_token: token, ...more });
  const refresh = (token, more) => client.refreshTokenGrant(config, token, more);
  const refreshRefused = (token) =>
    refused(403, "invalid_grant", "Unknown or invalid refresh token.", () => refresh(token));

  async function assertTokens(tokens, amr, acr) {
    assert.deepEqual([tokens.token_type, tokens.expires_in, tokens.scope], ["bearer", 3600, SCOPE]);
    const claims = tokens.claims();
    assert.deepEqual([claims.amr, claims.acr], [amr, acr]);
    const user = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
    assert.deepEqual([user.email, user.phone_number], [USER.email, USER.phone]);
  }

  await check("an authenticator app's code completes a login", async () => {
    const tokens = await show("otp", await mfaToken(), { otp: await nextTotp(USER.seed) });
    await assertTokens(tokens, ["pwd", "otp", "mfa"], "aal2");
  });

  for (const [channel, address, amr, acr] of [
    ["email", USER.email, ["pwd", "otp", "mfa"], "aal1"],
    ["sms", USER.phone, ["pwd", "sms", "mfa"], "aal2"],
  ]) {
    await check(`a code by ${channel} completes a login once`, async () => {
      await waitForNextSend();
      const token = await mfaToken();
      const shown = { oob_code: await challenge(token, channel), binding_code: await codeSentTo(address) };
      await assertTokens(await show("oob", token, shown), amr, acr);
      await refused(401, "expired_token", "mfa_token is expired", () => show("oob", token, shown));
    });
  }

  await check("a recovery code completes a login, gives the next one, and is used up", async () => {
    const used = recovery.code;
    const tokens = await show("recovery-code", await mfaToken(), { recovery_code: used });
    assert.match(tokens.recovery_code, /^[A-Z0-9]{24}$/);
    recovery.code = tokens.recovery_code;
    const token = await mfaToken();
    await refused(403, "invalid_grant", "MFA Authorization rejected.", () =>
      show("recovery-code", token, { recovery_code: used }));
  });

  await check("the access token is one that an API of RFC 9068 takes, and no other API", async () => {
    const { access_token: token } = await signIn(PLAIN_USER);
    const request = new Request(AUDIENCE, { headers: { authorization: `Bearer ${token}` } });
    const validate = (audience) => oauth.validateJwtAccessToken(config.serverMetadata(), request, audience);
    const claims = await validate(AUDIENCE);
    assert.deepEqual([claims.client_id, claims.scope], ["demo-server", SCOPE]);
    await assert.rejects(validate("https://other.example/api"), oauth.OperationProcessingError);
  });

  await check("a refresh gives new tokens for the same user, or for fewer scopes", async () => {
    const before = await signIn(PLAIN_USER);
    const after = await refresh(before.refresh_token);
    assert.notEqual(after.refresh_token, before.refresh_token);
    assert.equal(after.claims().sub, before.claims().sub);
    assert.equal((await refresh(after.refresh_token, { scope: "openid" })).scope, "openid");
  });

  await check("a refresh tried again within the grace gets the same successor; after it, the session ends", async () => {
    const { refresh_token: token } = await signIn(PLAIN_USER);
    const { refresh_token: successor } = await refresh(token);
    await advance(50);
    assert.equal((await refresh(token)).refresh_token, successor);
    await advance(11);
    await refreshRefused(token);
    await refreshRefused(successor);
  });

  await check("a revoked refresh token is refused, and an unknown one revokes without complaint", async () => {
    const { refresh_token: token } = await signIn(PLAIN_USER);
    await client.tokenRevocation(config, token);
    await refreshRefused(token);
    await client.tokenRevocation(config, "unknown");
  });

  await check("wrong passwords, codes and tokens are refused in Auth0's words", async () => {
    await refused(403, "invalid_grant", "Wrong email or password.", () => signIn({ ...USER, password: "wrong" }));
    await refused(403, "invalid_grant", "Malformed mfa_token", () => show("otp", "none", { otp: "000000" }));
    await waitForNextSend();
    const token = await mfaToken();
    const otp = wrong(await nextTotp(USER.seed));
    await refused(403, "invalid_grant", "Invalid otp_code.", () => show("otp", token, { otp }));
    const shown = { oob_code: await challenge(token, "sms"), binding_code: wrong(await codeSentTo(USER.phone)) };
    await refused(403, "invalid_grant", "Invalid binding_code.", () => show("oob", token, shown));
    await refused(400, "invalid_request", "Missing required parameter: mfa_token", () =>
      client.genericGrantRequest(config, `${MFA}otp`, { otp }));
    await refused(403, "unauthorized_client", "Grant type not allowed for the client.", () => client.clientCredentialsGrant(config));
  });

  await check("a wrong secret in a header is answered with a challenge, one in the body and a missing one are not", async () => {
    const grant = async (method) => {
      const stranger = await client.discovery(https, "demo-server", undefined, method);
      return client.genericGrantRequest(stranger, "password", { username: PLAIN_USER.name, password: PLAIN_USER.password });
    };
    // `cargo local` names the client in the answer.
    const refusal = 'Client authentication failed. (client "demo-server")';
    for (const method of [client.ClientSecretPost("wrong"), client.None()]) {
      await refused(401, "invalid_client", refusal, () => grant(method));
    }
    const { response } = await challenged("basic", () => grant(client.ClientSecretBasic("wrong")));
    const { error, error_description: description } = await response.json();
    assert.deepEqual([error, description], ["invalid_client", refusal]);
  });

  await check("an access token that is none, and one that is too old, are answered with a challenge", async () => {
    const { access_token: token } = await signIn(PLAIN_USER);
    await advance(3601);
    for (const bad of ["none", token]) {
      const error = await challenged("bearer", () => client.fetchUserInfo(config, bad, client.skipSubjectCheck));
      assert.equal(error.cause[0].parameters.error, "invalid_token");
    }
  });

  await check("an access token without scope openid gets no user info", async () => {
    const { access_token: token } = await signIn(PLAIN_USER, { scope: "read:sample" });
    const error = await challenged("bearer", () => client.fetchUserInfo(config, token, client.skipSubjectCheck));
    assert.equal(error.cause[0].parameters.error, "invalid_token");
  });

  await check("ten wrong codes block the user's codes until the time it is told", async () => {
    // By now, the budget has refilled after the earlier wrong codes.
    await advance(3600);
    const token = await mfaToken();
    const right = await nextTotp(USER.seed);
    for (let count = 0; count < 10; count += 1) {
      await refused(403, "invalid_grant", "Invalid otp_code.", () => show("otp", token, { otp: wrong(right) }));
    }
    const blocked = "Your account has been blocked after multiple consecutive login attempts. Please wait.";
    const error = await refused(429, "too_many_attempts", blocked, () => show("otp", token, { otp: right }));
    await advance(retryAfter(error));
    await show("otp", await mfaToken(), { otp: await nextTotp(USER.seed) });
  });
}
