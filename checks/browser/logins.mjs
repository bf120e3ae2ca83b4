// Whole logins: each factor in each dialect, and each way to complete a login.

import assert from "node:assert/strict";
import { run } from "./qualities.mjs";
import { advance, bind, button, claimed, dialect, exchange, getTokens, onStep, pick, pickAuthenticator, pickSent,
  refused, signIn, way } from "./steps.mjs";

async function toAuth0(page) {
  await dialect(page, "Auth0");
  await signIn(page);
}

async function toAbp(page, user) {
  await dialect(page, "ABP");
  await signIn(page, { user });
}

/** Moves the clock past the cool-down of an address. */
const pastTheWait = (page) => advance(page, 30);

export const signsInWithout = ["Auth0", "ABP"].map((name) => [
  `${name}: a user without a second factor has tokens after the password`,
  async (page) => {
    await dialect(page, name);
    await signIn(page, { user: "plain@example.com", next: "Signed in" });
    await page.getByText("The signature is right").first().waitFor();
  },
]);

export const auth0Ways = [
  ["Auth0: a code by e-mail, then refresh, the old refresh token, user information and revocation", async (page) => {
    await toAuth0(page);
    await pickSent(page, "E-mail", "user@example.com");
    await getTokens(page, "pwd, otp, mfa", "aal1");
    await button(page, "Refresh").click();
    await page.getByText("Refreshed: a new access token and a new refresh token.").first().waitFor();
    await button(page, "Replay the old refresh token").click();
    await page.getByText("the same refresh token as before").first().waitFor();
    await button(page, "User information").click();
    await page.getByRole("heading", { name: "User information" }).waitFor();
    assert.equal((await exchange(page, "Ask for the user information")).path, "GET /userinfo");
    await button(page, "Revoke").click();
    await page.getByText("Revoked.").first().waitFor();
    await button(page, "Refresh").click();
    await refused(page, "Unknown or invalid refresh token.");
  }],
  ["Auth0: a code by text message, verified first", async (page) => {
    await toAuth0(page);
    await pickSent(page, "Text message", "+15555550100");
    await way(page, /^Verify, then the grant/);
    await button(page, "Verify the code").click();
    await onStep(page, "Verified");
    await getTokens(page, "pwd, sms, mfa", "aal2");
    assert.equal((await exchange(page, "Verify the code")).path, "POST /mfa/verify");
    assert.doesNotMatch((await exchange(page, "Get the tokens")).curl, /binding_code/);
  }],
  ["Auth0: the demo authenticator's code, which is good once", async (page) => {
    await toAuth0(page);
    await pickAuthenticator(page);
    const code = await page.getByLabel("Six-digit code").inputValue();
    await getTokens(page, "pwd, otp, mfa", "aal2");
    await button(page, "Start again").click();
    await signIn(page);
    await pick(page, "Authenticator app");
    await page.getByLabel("Six-digit code").fill(code);
    await button(page, "Get the tokens").click();
    await refused(page, "Invalid otp_code.");
  }],
  ["Auth0: the demo authenticator's code, verified first", async (page) => {
    await toAuth0(page);
    await pickAuthenticator(page);
    await way(page, /^Verify, then the grant/);
    await button(page, "Verify the code").click();
    await onStep(page, "Verified");
    await getTokens(page, "pwd, otp, mfa", "aal2");
  }],
];

/** Header and claims of the proof in a curl command. */
function proofIn(curl) {
  const [header, claims] = /'?dpop: ([^.]+)\.([^.]+)\./.exec(curl).slice(1)
    .map((part) => JSON.parse(Buffer.from(part, "base64url")));
  return { header, claims };
}

/** What this browser keeps of its key. */
const keptKey = (page) => page.evaluate(() => new Promise((resolve, reject) => {
  const opening = indexedDB.open("countersign");
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const asked = opening.result.transaction("keys").objectStore("keys").get("dpop");
    asked.onsuccess = () => crypto.subtle.exportKey("jwk", asked.result.privateKey)
      .then(() => resolve("it can be read"), ({ name }) => resolve(name));
  };
}));

export const boundLogins = [
  ["Auth0: a login bound to a key of the browser, whose clock is an hour behind", async (page, { base }) => {
    const demo = await (await page.request.get(new URL("/_local/page/demo.json", base).href)).json();
    await advance(page, 3600);
    await bind(page);
    await signIn(page);
    const asked = await exchange(page, /^Sign in with the password$/);
    assert.match(asked.status, /^400/);
    const nonce = /^dpop-nonce: (\S+)$/m.exec(asked.answer)[1];
    assert.equal(JSON.parse(asked.answer.slice(asked.answer.indexOf("{"))).error, "use_dpop_nonce");
    const [first, again] = [asked.curl, (await exchange(page, /^Sign in with the password, with the nonce$/)).curl].map(proofIn);
    assert.deepEqual([first.claims.nonce, again.claims.nonce], [undefined, nonce]);
    assert.notEqual(first.claims.jti, again.claims.jti);
    assert.deepEqual([again.header.typ, again.header.alg, Object.keys(again.header.jwk)], ["dpop+jwt", "ES256", ["kty", "crv", "x", "y"]]);
    assert.deepEqual([again.claims.htm, again.claims.htu], ["POST", `${demo.issuer}oauth/token`]);
    assert.equal(await keptKey(page), "InvalidAccessError");
    await pickSent(page, "E-mail", "user@example.com");
    await getTokens(page, "pwd, otp, mfa", "aal1");
    await page.getByText("Its tokens are bound to a key of this browser").first().waitFor();
    assert.match(await claimed(page, "cnf"), /^\{"jkt":"[\w-]{43}"\}$/);
    assert.match((await exchange(page, "Get the tokens")).answer, /"token_type": "DPoP"/);
    // The key outlives the page.
    await page.reload();
    await button(page, "Refresh").click();
    await page.getByText("Refreshed:").first().waitFor();
    await button(page, "User information").click();
    await page.getByRole("heading", { name: "User information" }).waitFor();
    const { curl } = await exchange(page, "Ask for the user information");
    assert.match(curl, /'authorization: DPoP /);
    assert.match(proofIn(curl).claims.ath, /^[\w-]{43}$/);
    assert.equal(JSON.parse(run(curl).body).email, "user@example.com");
    const stolen = curl.replace("authorization: DPoP", "authorization: Bearer").replace(/ \\\n {2}--header 'dpop: [^']*'/, "");
    assert.equal(run(stolen).status, "HTTP/1.1 401 Unauthorized");
  }],
  ["Auth0: second factors are listed with a token that is bound to a key", async (page) => {
    await button(page, "Manage second factors").click();
    await page.getByRole("heading", { name: "Sign in to your second factors" }).waitFor();
    await bind(page);
    await signIn(page, { user: "plain@example.com", next: "Second factors" });
    assert.match((await exchange(page, "List the second factors")).curl, /'authorization: DPoP /);
  }],
];

export const abpWays = [
  ["ABP: a code by e-mail, password and code together, then refresh and user information", async (page) => {
    await toAbp(page);
    await pickSent(page, "E-mail", "admin@example.com");
    await getTokens(page, "pwd, otp, mfa", "aal1");
    await button(page, "Refresh").click();
    await page.getByText("Refreshed:").first().waitFor();
    await button(page, "User information").click();
    await page.getByRole("heading", { name: "User information" }).waitFor();
    assert.equal((await exchange(page, "Ask for the user information")).path, "GET /connect/userinfo");
    assert.equal(await button(page, "Revoke").count(), 0);
  }],
  ["ABP: a code by text message, verified with the token, then the token alone", async (page) => {
    await toAbp(page);
    await pickSent(page, "Text message", "+15555550101");
    await way(page, /^Verify, then the token/);
    await button(page, "Verify the code").click();
    await onStep(page, "Verified");
    await getTokens(page, "pwd, sms, mfa", "aal2");
    assert.match((await exchange(page, "Verify the code")).answer, /^200 OK[^]*\ntrue$/);
    const { path, curl } = await exchange(page, "Get the tokens");
    assert.equal(path, "POST /connect/token");
    assert.match(curl, /twoFactorToken=/);
    assert.doesNotMatch(curl, /password=|TwoFactorCode=/);
  }],
  ["ABP: the demo authenticator's code, verified without the token, then the same code again", async (page) => {
    await toAbp(page);
    await pickAuthenticator(page);
    await way(page, /^Verify, then the same code again/);
    await button(page, "Verify the code").click();
    await onStep(page, "Verified");
    assert.doesNotMatch((await exchange(page, "Verify the code")).curl, /"token"/);
    await getTokens(page, "pwd, otp, mfa", "aal2");
    assert.match((await exchange(page, "Get the tokens")).curl, /TwoFactorCode=\d{6}$/);
  }],
  ["ABP: the demo authenticator's code together with the password", async (page) => {
    await toAbp(page);
    await pickAuthenticator(page);
    await getTokens(page, "pwd, otp, mfa", "aal2");
  }],
];

export const recoveryCodes = [
  ["a recovery code: Auth0 gives a new one, which the page keeps and ABP then takes once", async (page) => {
    await toAuth0(page);
    await pick(page, "Recovery code");
    await button(page, /^Use this code: The first one/).click();
    await getTokens(page, "pwd, mfa", "aal2");
    const fresh = await page.locator(".new-code code").innerText();
    assert.match(fresh, /^[A-Z0-9]{24}$/);
    await toAbp(page, "user@example.com");
    await pick(page, "Recovery code");
    await button(page, /^Use this code: The newest/).click();
    assert.equal(await page.getByLabel("Recovery code", { exact: true }).inputValue(), fresh);
    await button(page, "Get the tokens").click();
    await onStep(page, "Signed in");
    assert.match((await exchange(page, "Get the tokens")).curl, new RegExp(`RecoveryCode=${fresh}`));
    await button(page, "Start again").click();
    await signIn(page, { user: "user@example.com" });
    assert.equal(await page.getByRole("button", { name: "Authenticator app" }).count(), 1);
    assert.equal(await page.getByRole("button", { name: "Recovery code" }).count(), 0, "none is left");
  }],
];

export const refusals = [
  ["a wrong password is refused in the dialect's words", async (page) => {
    await page.getByLabel("Password", { exact: true }).fill("wrong");
    await button(page, "Sign in").click();
    await refused(page, "Wrong email or password.");
    await dialect(page, "ABP");
    await page.getByLabel("Password", { exact: true }).fill("wrong");
    await button(page, "Sign in").click();
    await refused(page, "Invalid username or password!");
  }],
  ["Auth0: after a wrong code the right one still signs in", async (page) => {
    await pastTheWait(page);
    await toAuth0(page);
    await pickSent(page, "E-mail", "user@example.com");
    const right = await page.getByLabel("Six-digit code").inputValue();
    await page.getByLabel("Six-digit code").fill(right === "000000" ? "111111" : "000000");
    await button(page, "Get the tokens").click();
    await refused(page, "Invalid binding_code.");
    assert.equal(await page.getByLabel("Six-digit code").getAttribute("aria-invalid"), "true");
    await page.getByLabel("Six-digit code").fill(`${right.slice(0, 3)} ${right.slice(3)}`);
    assert.equal(await page.getByLabel("Six-digit code").inputValue(), right);
    await button(page, "Get the tokens").click();
    await onStep(page, "Signed in");
  }],
  ["ABP: verify answers false to a wrong code, and the page says what that means", async (page) => {
    await toAbp(page);
    await pick(page, "Authenticator app");
    await way(page, /^Verify, then the token/);
    await page.getByLabel("Six-digit code").fill("000000");
    await button(page, "Verify the code").click();
    await refused(page, "The answer is false");
  }],
  ["an empty code is asked for, and nothing is sent", async (page) => {
    await toAbp(page);
    await pick(page, "Authenticator app");
    const before = await page.locator("#exchanges > li").count();
    await button(page, "Get the tokens").click();
    await page.getByText("Enter the code first.").waitFor();
    assert.equal(await page.locator("#exchanges > li").count(), before);
  }],
  ["a second send at once is refused with the seconds to wait, which can be skipped", async (page) => {
    await pastTheWait(page);
    await toAuth0(page);
    await pickSent(page, "Text message", "+15555550100");
    await button(page, "Send again").click();
    await refused(page, "A code was sent just now. Please wait.");
    assert.match(await page.locator("#refusal").innerText(), /429 .*try again in \d+ s/);
    const shown = async () => Number((await page.locator(".wait .timer").innerText()).match(/in (\d+) s/)?.[1]);
    const first = await shown();
    await page.waitForFunction((before) =>
      Number(document.querySelector(".wait .timer").textContent.match(/in (\d+) s/)?.[1]) < before, first);
    await button(page, "Advance the clock to then").click();
    await page.getByText("You can try again now.").waitFor();
    await button(page, "Send again").click();
    await page.waitForFunction(() => document.querySelectorAll(".message").length >= 2
      && document.querySelector("#refusal").textContent === "");
  }],
  ["ten wrong codes close the budget: 429, with the wait counted down", async (page) => {
    await toAuth0(page);
    await pick(page, "Authenticator app");
    const field = page.getByLabel("Six-digit code");
    for (let guess = 0; guess < 12; guess += 1) {
      await field.fill(String(100000 + guess));
      const answered = page.waitForResponse((response) => response.url().endsWith("/oauth/token"));
      await button(page, "Get the tokens").click();
      if ((await answered).status() === 429) break;
    }
    await refused(page, "Your account has been blocked");
    assert.match(await page.locator(".wait .timer").innerText(), /^Try again in \d+ min( \d+ s)?\.$|^Try again in \d+ s\.$/);
    await advance(page, 3600);
  }],
];

export const clockAndExpiry = [
  ["moving the clock past ten minutes ends a pending login", async (page) => {
    await toAuth0(page);
    await pick(page, "Authenticator app");
    await button(page, "Advance by 10 min").click();
    assert.equal((await exchange(page, "Advance the clock by 10 min")).status, "200 OK");
    await button(page, /^Use this code of the authenticator: \d{6}$/).click();
    await button(page, "Get the tokens").click();
    await refused(page, "mfa_token is expired");
  }],
  ["ABP: a verified login ends after 120 seconds", async (page) => {
    await toAbp(page);
    await pickAuthenticator(page);
    await way(page, /^Verify, then the token/);
    await button(page, "Verify the code").click();
    await onStep(page, "Verified");
    await advance(page, 121);
    await button(page, "Get the tokens").click();
    await refused(page, "The two-factor login has expired. Sign in again.");
  }],
  ["an access token expires before the eyes of the reader", async (page) => {
    await signIn(page, { user: "plain@example.com", next: "Signed in" });
    await page.locator(".panels .panel").first().getByText(/^good for 59 min/).waitFor();
    await advance(page, 3601);
    await page.locator(".panels .panel").first().getByText("expired", { exact: true }).waitFor();
    await button(page, "User information").click();
    await refused(page, "The access token is invalid or expired.");
  }],
  ["an old refresh token shown after the grace period ends the session", async (page) => {
    await signIn(page, { user: "plain@example.com", next: "Signed in" });
    await button(page, "Refresh").click();
    await page.getByText("Refreshed:").first().waitFor();
    await advance(page, 61);
    await button(page, "Replay the old refresh token").click();
    await refused(page, "Unknown or invalid refresh token.");
    await button(page, "Refresh").click();
    await refused(page, "Unknown or invalid refresh token.");
  }],
  ["a number of seconds that is none is refused, and the clock stays", async (page) => {
    const before = await page.locator("#exchanges > li").count();
    await page.getByLabel("Seconds").fill("-5");
    await button(page, "Advance").click();
    await page.getByText("Seconds are a whole number, such as 60.").waitFor();
    assert.equal(await page.locator("#exchanges > li").count(), before);
  }],
];
