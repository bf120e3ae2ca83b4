// openid-client in ABP's dialect. The metadata of one host names only Auth0's token
// endpoint, so the app configures /connect/token itself. The app makes the account REST
// calls itself, as ABP's Angular client does.

import assert from "node:assert/strict";
import * as client from "openid-client";
import {
  ABP_USER, advance, check, codeSentTo, https, nextTotp, recovery, USER, waitForNextSend, wrong,
} from "./service.mjs";
import { challenged, refused, retryAfter } from "./refusals.mjs";

const SCOPE = "openid profile email phone AbpSolution1 offline_access";
const LOCKED_OUT = "The user account has been locked out due to invalid login attempts. Please wait a while and try again.";

export async function abp() {
  console.log("openid-client: ABP's words");
  const discovered = await client.discovery(https, "AbpSolution1_App", undefined, client.None());
  const metadata = {
    ...discovered.serverMetadata(),
    token_endpoint: `${https}connect/token`, userinfo_endpoint: `${https}connect/userinfo`,
  };
  const config = new client.Configuration(metadata, "AbpSolution1_App", undefined, client.None());
  client.enableNonRepudiationChecks(config);

  const grant = (parameters) => client.genericGrantRequest(config, "password", parameters);
  const signIn = ({ name: username, password }, more = {}) => grant({ username, password, scope: SCOPE, ...more });
  const refuse = (description, work) => refused(400, "invalid_grant", description, work);

  /** The password step for a user with factors: gives `userId` and `twoFactorToken`. */
  async function requiresTwoFactor(user = ABP_USER) {
    const { cause } = await refuse("RequiresTwoFactor", () => signIn(user));
    assert.match(cause.userId, /^[0-9a-f]{32}$/);
    assert.match(cause.twoFactorToken, /^[\w-]+$/);
    return { userId: cause.userId, token: cause.twoFactorToken };
  }

  const post = (path, body) => fetch(new URL(path, https), {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  });

  async function send(provider, { userId, token }) {
    const response = await post("/api/account/send-two-factor-code", { userId, provider, token });
    assert.equal(response.status, 204);
  }

  async function verify(provider, code, { userId, token }) {
    const response = await post("/api/two-factor-token/verify-two-factor-code", { userId, provider, code, token });
    assert.equal(response.status, 200);
    return response.json();
  }

  const refresh = (token) => client.refreshTokenGrant(config, token);

  async function assertTokens(tokens, amr, acr, user = ABP_USER) {
    assert.deepEqual([tokens.token_type, tokens.expires_in, tokens.scope], ["bearer", 3600, SCOPE]);
    assert.ok(tokens.refresh_token);
    const claims = tokens.claims();
    assert.deepEqual([claims.amr, claims.acr], [amr, acr]);
    const told = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
    assert.deepEqual([told.preferred_username, told.email, told.phone_number], [user.name, user.email, user.phone]);
  }

  const byApp = async () =>
    signIn(ABP_USER, { TwoFactorProvider: "Authenticator", TwoFactorCode: await nextTotp(ABP_USER.seed) });

  await check("the providers are listed", async () => {
    const query = new URLSearchParams(await requiresTwoFactor());
    const response = await fetch(new URL(`/api/account/two-factor-providers?${query}`, https));
    assert.deepEqual((await response.json()).toSorted(), ["Authenticator", "Email", "Phone"]);
  });

  await check("user name, password and an authenticator app's code complete a login", async () => {
    await assertTokens(await byApp(), ["pwd", "otp", "mfa"], "aal2");
  });

  for (const [provider, address, amr, acr] of [
    ["Email", ABP_USER.email, ["pwd", "otp", "mfa"], "aal1"],
    ["Phone", ABP_USER.phone, ["pwd", "sms", "mfa"], "aal2"],
  ]) {
    /** A login whose code is sent. */
    const begin = async () => {
      await waitForNextSend();
      const login = await requiresTwoFactor();
      await send(provider, login);
      const code = await codeSentTo(address);
      return { login, code, shown: { TwoFactorProvider: provider, TwoFactorCode: code } };
    };

    await check(`user name, password and the code (${provider}) complete a login, once`, async () => {
      const { shown } = await begin();
      await assertTokens(await signIn(ABP_USER, shown), amr, acr);
      await refuse("Invalid authenticator code!", () => signIn(ABP_USER, shown));
    });

    await check(`once verified with the token (${provider}), the token alone completes the login, once`, async () => {
      const { login, code } = await begin();
      const byToken = () => grant({ twoFactorToken: login.token });
      await refuse("The two-factor code has not been verified.", byToken);
      assert.equal(await verify(provider, wrong(code), login), false);
      assert.equal(await verify(provider, code, login), true);
      await assertTokens(await byToken(), amr, acr);
      await refuse("The two-factor login has expired. Sign in again.", byToken);
    });

    await check(`verified without the token (${provider}), only the password and the same code complete it`, async () => {
      const { login, code, shown } = await begin();
      assert.equal(await verify(provider, code, { userId: login.userId }), true);
      await refuse("The two-factor code has not been verified.", () => grant({ twoFactorToken: login.token }));
      await refuse("RequiresTwoFactor", () => signIn(ABP_USER));
      await assertTokens(await signIn(ABP_USER, shown), amr, acr);
    });
  }

  await check("a recovery code completes a login, and is used up", async () => {
    const tokens = await signIn(USER, { RecoveryCode: recovery.code });
    await assertTokens(tokens, ["pwd", "mfa"], "aal2", USER);
    await refuse("Invalid recovery code!", () => signIn(USER, { RecoveryCode: recovery.code }));
  });

  await check("a refresh gives new tokens, the same again within the grace, and after it the session ends", async () => {
    const before = await byApp();
    const after = await refresh(before.refresh_token);
    assert.notEqual(after.refresh_token, before.refresh_token);
    assert.equal(after.claims().sub, before.claims().sub);
    assert.equal((await refresh(before.refresh_token)).refresh_token, after.refresh_token);
    await advance(61);
    await refuse("The specified refresh token has already been redeemed.", () => refresh(before.refresh_token));
    await refuse("The token is no longer valid.", () => refresh(after.refresh_token));
    await refuse("The specified refresh token is invalid.", () => refresh("unknown"));
  });

  await check("a revoked refresh token is refused", async () => {
    const { refresh_token: token } = await byApp();
    await client.tokenRevocation(config, token);
    await refuse("The token is no longer valid.", () => refresh(token));
  });

  await check("wrong passwords and codes are refused in ABP's words, and the right code still works", async () => {
    await refuse("Invalid username or password!", () => signIn({ ...ABP_USER, password: "wrong" }));
    await refuse("Invalid username or password!", () => signIn({ name: "nobody", password: "wrong" }));
    const shown = { TwoFactorProvider: "Authenticator", TwoFactorCode: await nextTotp(ABP_USER.seed) };
    const off = { ...shown, TwoFactorCode: wrong(shown.TwoFactorCode) };
    await refuse("Invalid authenticator code!", () => signIn(ABP_USER, off));
    await refuse("Invalid authenticator code!", () => signIn(ABP_USER, { ...shown, TwoFactorProvider: "Email" }));
    await refuse("Invalid recovery code!", () => signIn(ABP_USER, { RecoveryCode: "WRONG" }));
    await assertTokens(await signIn(ABP_USER, shown), ["pwd", "otp", "mfa"], "aal2");
  });

  await check("a confidential client signs in here too, and is challenged for a wrong secret", async () => {
    const configured = (method) => new client.Configuration(metadata, "demo-server", undefined, method);
    const [username, password] = ["plain@example.com", "pwd"];
    const ask = (method) => client.genericGrantRequest(configured(method), "password", { username, password });
    assert.ok((await ask(client.ClientSecretPost("demo-secret"))).access_token);
    assert.ok((await ask(client.ClientSecretBasic("demo-secret"))).access_token);
    // OpenIddict sends the challenge wherever the secret was in the request.
    await challenged("basic", () => ask(client.ClientSecretPost("wrong")));
    await challenged("basic", () => ask(client.ClientSecretBasic("wrong")));
  });

  await check("ten wrong codes lock the user out until the time it is told", async () => {
    // By now, the budget has refilled after the earlier wrong codes.
    await advance(3600);
    const right = await nextTotp(ABP_USER.seed);
    const show = (code) => signIn(ABP_USER, { TwoFactorProvider: "Authenticator", TwoFactorCode: code });
    for (let count = 0; count < 10; count += 1) {
      await refuse("Invalid authenticator code!", () => show(wrong(right)));
    }
    const error = await refuse(LOCKED_OUT, () => show(right));
    await advance(retryAfter(error));
    await assertTokens(await byApp(), ["pwd", "otp", "mfa"], "aal2");
  });

  await check("ten wrong passwords lock the name out, for the right one too, until the time it is told", async () => {
    for (let count = 0; count < 10; count += 1) {
      await refuse("Invalid username or password!", () => signIn({ ...ABP_USER, password: `wrong ${count}` }));
    }
    const error = await refuse(LOCKED_OUT, () => byApp());
    await advance(retryAfter(error));
    await assertTokens(await byApp(), ["pwd", "otp", "mfa"], "aal2");
  });
}
