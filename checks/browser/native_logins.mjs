// Logins that need no password or no browser page: passkeys, trusted devices, and the steps of
// a first-party app.

import assert from "node:assert/strict";
import { bind, button, claimed, dialect, exchange, getTokens, onStep, pickAuthenticator, pickSent, refused, signIn } from "./steps.mjs";

/** An authenticator in the page's browser, which verifies its user as a phone does. */
async function authenticator(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  await session.send("WebAuthn.addVirtualAuthenticator", { options: {
    protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true,
    isUserVerified: true, automaticPresenceSimulation: true,
  } });
}

/** The page under the name to which its passkeys belong. */
async function named(page, base) {
  await page.goto(base.replace("127.0.0.1", "localhost"), { waitUntil: "load" });
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
}

const otherOrigins = (base) => [new URL(base.replace("127.0.0.1", "localhost")).origin];

export const passkeys = [
  ["passkeys: the page under an address leads to the page under the name", async (page, { base }) => {
    await button(page, "Use a passkey").click();
    await onStep(page, "Use a passkey");
    const link = await page.getByRole("link", { name: /^http:\/\/localhost/ }).getAttribute("href");
    assert.equal(link, base.replace("127.0.0.1", "localhost"));
  }],
  ["passkeys: an account without a password, then a login by its passkey with two factors", async (page, { base }) => {
    await named(page, base);
    await authenticator(page);
    await button(page, "Use a passkey").click();
    await onStep(page, "Use a passkey");
    await page.getByLabel("E-mail of a new account").fill("key@example.com");
    await button(page, "Create the account").click();
    await onStep(page, "Signed in");
    await button(page, "Start again").click();
    await button(page, "Use a passkey").click();
    await button(page, "Sign in with a passkey").click();
    await onStep(page, "Signed in");
    assert.deepEqual([await claimed(page, "acr"), await claimed(page, "amr")], ["aal2", "hwk, user, mfa"]);
    assert.equal((await exchange(page, "Ask for a challenge")).path, "POST /passkey/challenge");
    assert.match((await exchange(page, "Get the tokens")).curl, /grant-type:webauthn/);
  }, { origins: otherOrigins }],
  ["passkeys: a person who shows no passkey stays at the step", async (page, { base }) => {
    await named(page, base);
    await authenticator(page);
    await button(page, "Use a passkey").click();
    await button(page, "Sign in with a passkey").click();
    await refused(page, "The browser gave no passkey.");
    await onStep(page, "Use a passkey").catch(() => {});
    assert.ok(await button(page, "Sign in with a passkey").isEnabled());
  }, { origins: otherOrigins }],
];

export const trustedDevices = ["Auth0", "First-party"].map((name) => [
  `${name}: a device that was trusted signs in with the password and its key, and another browser does not`,
  async (page) => {
    await dialect(page, name);
    await bind(page);
    await signIn(page);
    await pickAuthenticator(page);
    await page.getByLabel(/^Trust this device/).check();
    await getTokens(page, "pwd, otp, mfa", "aal2");
    await button(page, "Start again").click();
    await bind(page);
    await signIn(page, { next: "Signed in" });
    assert.deepEqual([await claimed(page, "acr"), await claimed(page, "amr")], ["aal1", "pwd, pop"]);
    await page.evaluate(() => indexedDB.deleteDatabase("countersign"));
    await page.reload();
    await button(page, "Start again").click();
    await bind(page);
    await signIn(page);
  },
]);

export const firstParty = [
  ["First-party: a code by e-mail gives an authorization code, which the verifier exchanges", async (page) => {
    await dialect(page, "First-party");
    await signIn(page);
    const asked = await exchange(page, "Sign in with the password");
    assert.equal(asked.path, "POST /authorize-challenge");
    assert.match(asked.answer, /"error": "insufficient_authorization"/);
    await pickSent(page, "E-mail", "user@example.com");
    await getTokens(page, "pwd, otp, mfa", "aal1");
    assert.match((await exchange(page, "Get the tokens")).answer, /"authorization_code"/);
    assert.match((await exchange(page, "Exchange the code")).curl, /code_verifier=/);
    await button(page, "Refresh").click();
    await page.getByText("Refreshed: a new access token and a new refresh token.").first().waitFor();
  }],
  ["First-party: a user without a second factor has a code after the password, and a wrong code is refused", async (page) => {
    await dialect(page, "First-party");
    await signIn(page, { user: "plain@example.com", next: "Signed in" });
    await button(page, "Start again").click();
    await signIn(page, { user: "user@example.com" });
    await pickAuthenticator(page);
    await page.getByLabel("Six-digit code").fill("000000");
    await button(page, "Get the tokens").click();
    await page.getByText("Refused.").first().waitFor();
  }],
];
