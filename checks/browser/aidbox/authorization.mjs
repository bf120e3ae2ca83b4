// The client asks for a token and for a code. The browser signs in and goes back to it.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import {
  api, at, authorizeUrl, EMAIL, heading, nextCode, press, signIn, signOut, story,
} from "./visit.mjs";

export const claims = [
  ["response_type=token: password and code lead to the client, the token in the fragment", async ({ page, seen, client }) => {
    await page.goto(authorizeUrl({ response_type: "token" }));
    await heading(page, "Sign in");
    await signIn(page);
    await heading(page, "Enter your code");
    await seen("code");
    const code = await nextCode();
    await page.getByLabel("Code from your authenticator app").fill(code === "000000" ? "111111" : "000000");
    await press(page, "Sign in");
    await page.locator("#token-problem").waitFor();
    await seen("code-refused");
    await page.getByLabel("Code from your authenticator app").fill(code);
    await press(page, "Sign in");
    await page.waitForURL(`${client.redirectUri}#**`);
    const { hash, search } = new URL(page.url());
    assert.equal(search, "");
    const given = new URLSearchParams(hash.slice(1));
    assert.equal(given.get("state"), story.state);
    assert.equal(given.get("token_type"), "Bearer");
    assert.equal(given.get("iss"), at("/"));
    story.token = given.get("access_token");
    // The browser does not send a fragment.
    assert.doesNotMatch(client.asked.join("\n"), /access_token/);
  }],
  ["the token is good for the user information, and a wrong one is not", async () => {
    const userinfo = await api("/auth/userinfo", { headers: { authorization: `Bearer ${story.token}` } });
    assert.equal(userinfo.status, 200);
    const user = await userinfo.json();
    assert.equal(user.email, EMAIL);
    assert.deepEqual(user.twoFactor, { enabled: true });
    const wrong = await api("/auth/userinfo", { headers: { authorization: `Bearer ${story.token}x` } });
    assert.equal(wrong.status, 401);
  }],
  ["who is signed in is led to the client at once; to no other address", async ({ page, seen, client }) => {
    await page.goto(authorizeUrl({ response_type: "token" }));
    await page.waitForURL(`${client.redirectUri}#**`);
    assert.match(page.url(), new RegExp(`state=${story.state}`));
    const before = client.asked.length;
    await page.goto(authorizeUrl({ response_type: "token", redirect_uri: `${client.redirectUri}/../other` }));
    await page.getByRole("alert").waitFor();
    assert.equal(new URL(page.url()).pathname, "/auth/authorize");
    assert.equal(client.asked.length, before);
    await seen("redirect-refused");
  }],
  ["response_type=code with PKCE: a recovery code signs in, and the code is redeemed once", async ({ page, seen, client }) => {
    await signOut(page);
    const verifier = randomBytes(32).toString("base64url");
    const challenge = createHash("sha256").update(verifier).digest("base64url");
    const asked = { response_type: "code", redirect_uri: client.redirectUri, code_challenge: challenge,
      code_challenge_method: "S256" };
    await page.goto(authorizeUrl(asked));
    await signIn(page);
    await heading(page, "Enter your code");
    await page.getByRole("link", { name: /recovery code/i }).click();
    await page.getByLabel("Recovery code").waitFor();
    await page.goBack();
    await page.getByLabel("Code from your authenticator app").waitFor();
    await page.goForward();
    await page.getByLabel("Recovery code").waitFor();
    await seen("recovery");
    await page.getByLabel("Recovery code").fill(story.recovery[0]);
    await press(page, "Sign in");
    await page.waitForURL(`${client.redirectUri}?**`);
    const given = new URL(page.url()).searchParams;
    assert.equal(given.get("state"), story.state);
    const redeem = (code_verifier) => api("/auth/token", { method: "POST", body: new URLSearchParams({
      grant_type: "authorization_code", client_id: "web", code: given.get("code"),
      redirect_uri: client.redirectUri, code_verifier }) });
    const wrong = await redeem(randomBytes(32).toString("base64url"));
    assert.equal(wrong.status, 400);
    // A wrong verifier may have consumed the code, so the signed-in browser gets
    // another code.
    await page.goto(authorizeUrl(asked));
    await page.waitForURL((url) => url.searchParams.get("state") === story.state);
    given.set("code", new URL(page.url()).searchParams.get("code"));
    const right = await redeem(verifier);
    assert.equal(right.status, 200);
    const tokens = await right.json();
    assert.equal(tokens.userinfo.email, EMAIL);
    const userinfo = await api("/auth/userinfo", { headers: { authorization: `Bearer ${tokens.access_token}` } });
    assert.equal((await userinfo.json()).email, EMAIL);
    assert.equal((await redeem(verifier)).status, 400);
  }],
];
