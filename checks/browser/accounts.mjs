// Accounts and second factors: sign-up, a forgotten password, an authenticator app from
// its QR code to its removal, and CodeMaze's login.

import assert from "node:assert/strict";
import { assertFits, assertUsable } from "./qualities.mjs";
import { readOtpauth, readQr, totp } from "./qr.mjs";
import { advance, button, dialect, exchange, getTokens, onStep, pick, pickAuthenticator, pickSent, refused,
  signIn } from "./steps.mjs";

let number = 0;

/** A new user name for each call. */
function newName() {
  number += 1;
  return `${Date.now().toString(36)}${number}`;
}

/** Takes the link from the newest message, once there are `count` messages. */
export async function useLink(page, subject) {
  await page.locator(".message").first().getByText(subject).waitFor();
  await button(page, `Use this link: ${subject}`).first().click();
}

/** Signs up with the password that the page suggests, and confirms the address. */
export async function signUp(page, name) {
  await button(page, "Create an account").click();
  await onStep(page, "Create an account");
  await page.getByLabel("User name").fill(name);
  await page.getByLabel("E-mail", { exact: true }).fill(`${name}@example.com`);
  await button(page, "Create the account").click();
  await onStep(page, "Confirm the e-mail address");
  await useLink(page, CONFIRM);
  await button(page, "Confirm the address").click();
  await onStep(page, "Confirmed");
}

export const CONFIRM = "Confirm your e-mail address for Countersign Demo";
export const RESET = "Reset your Countersign Demo password";

/** The code that an app makes from the QR code, by the service's clock. */
async function scannedCode(page) {
  const said = readOtpauth(await readQr(page.locator("img.qr")));
  const { now } = await page.evaluate(async () => (await fetch("/_local/clock")).json());
  return { said, code: totp(said, now) };
}

/** Adds an app by its QR code and confirms it. */
async function addApp(page, add) {
  await button(page, add).click();
  await onStep(page, "Scan the QR code");
  await page.locator("img.qr").evaluate((image) => image.decode());
  const { said, code } = await scannedCode(page);
  await page.getByLabel("Six-digit code").fill(code);
  await button(page, "Confirm").click();
  return said;
}

const rows = (page) => page.locator(".factor-row strong").allInnerTexts();

export const accounts = [
  ["signing up: the link of the inbox confirms the address, says so again, and the account signs in", async (page, { base }) => {
    await dialect(page, "ABP");
    const name = newName();
    await button(page, "Create an account").click();
    await onStep(page, "Create an account");
    await page.getByLabel("User name").fill(name);
    await page.getByLabel("E-mail", { exact: true }).fill(`${name}@example.com`);
    await page.getByLabel("Password").fill("short");
    await button(page, "Create the account").click();
    await refused(page, /at least 8 characters/);
    await page.getByLabel("Password").fill("violet kettle 42");
    await button(page, "Create the account").click();
    await onStep(page, "Confirm the e-mail address");
    await page.getByLabel("Link from the e-mail").fill("https://example.com/?userId=1");
    await button(page, "Confirm the address").click();
    await page.getByText("This is no link from that e-mail.").waitFor();
    await useLink(page, CONFIRM);
    const link = await page.getByLabel("Link from the e-mail").inputValue();
    await button(page, "Confirm the address").click();
    await onStep(page, "Confirmed");
    assert.match((await exchange(page, "Ask what is confirmed")).answer, /"emailConfirmed": true/);
    await button(page, "Sign in").click();
    await onStep(page, "Sign in");
    await signIn(page, { next: "Signed in" });
    assert.equal((await exchange(page, "Confirm the address")).path, "POST /api/account/confirm-email");
    const { searchParams } = new URL(link);
    const again = await page.request.post(new URL("/api/account/confirm-email", base).href,
      { data: { userId: searchParams.get("userId"), token: searchParams.get("confirmationToken") } });
    assert.equal(again.status(), 204);
  }],
  ["a name that is taken is refused, and nothing is sent", async (page) => {
    await dialect(page, "ABP");
    const before = await page.locator(".message").count();
    await button(page, "Create an account").click();
    await page.getByLabel("User name").fill("admin");
    await button(page, "Create the account").click();
    await refused(page, "Username 'admin' is already taken.");
    assert.equal(await page.locator(".message").count(), before);
    await page.getByLabel("User name").fill("");
    await button(page, "Create the account").click();
    await page.getByText("This is needed.").waitFor();
    assert.ok(await page.getByLabel("User name").evaluate((element) => element === document.activeElement));
    await button(page, "Back").click();
    await onStep(page, "Sign in");
  }],
  ["a forgotten password: the link sets a new one, and the old session is over", async (page) => {
    await dialect(page, "ABP");
    const name = newName();
    await signUp(page, name);
    await button(page, "Sign in").click();
    await onStep(page, "Sign in");
    await signIn(page, { next: "Signed in" });
    await button(page, "Start again").click();
    await onStep(page, "Sign in");
    await button(page, "Forgot the password?").click();
    await onStep(page, "Forgotten password");
    await page.getByLabel("E-mail", { exact: true }).fill(`${name}@example.com`);
    await button(page, "Send the link").click();
    await onStep(page, "Choose a new password");
    await useLink(page, RESET);
    assert.ok(await page.getByLabel("New password").evaluate((element) => element === document.activeElement));
    await page.getByLabel("New password").fill("copper lantern 77");
    await button(page, "Change the password").click();
    await onStep(page, "The password is changed");
    await page.getByText("Your Countersign Demo password was reset").first().waitFor();
    await button(page, "Refresh the old session").click();
    await page.getByText(/^The old session is over\. The service says: ./).waitFor();
    assert.equal((await exchange(page, "Refresh the old session")).status, "400 Bad Request");
    await button(page, "Sign in").click();
    await onStep(page, "Sign in");
    assert.equal(await page.getByLabel("Password", { exact: true }).inputValue(), "copper lantern 77");
    await signIn(page, { next: "Signed in" });
  }],
  ["asking for a stranger's password is answered as for anybody", async (page) => {
    await button(page, "Forgot the password?").click();
    await page.getByLabel("E-mail", { exact: true }).fill("nobody@example.com");
    await button(page, "Send the link").click();
    await onStep(page, "Choose a new password");
    assert.equal((await exchange(page, "Ask for the e-mail")).status, "204 No Content");
    assert.equal(await page.locator(".message-to", { hasText: "nobody@example.com" }).count(), 0);
  }],
];

export const factors = [
  ["Auth0: an app by its QR code, its recovery code shown once, used at the next login, replaced and removed", async (page) => {
    const name = newName();
    await signUp(page, name);
    await button(page, "Add a second factor").click();
    await onStep(page, "Sign in to your second factors");
    await signIn(page, { next: "Second factors" });
    await page.getByText("There is none yet").waitFor();
    const said = await addApp(page, "Add an authenticator app");
    assert.equal(said.kind, "totp");
    assert.equal(said.issuer, "Demo");
    assert.match(said.label, new RegExp(`${name}`));
    await onStep(page, "Keep your recovery code");
    const code = await page.locator(".kept-codes code").innerText();
    assert.match(code, /^[A-Z0-9]{24}$/);
    await button(page, /^I have kept/).click();
    await onStep(page, "Second factors");
    assert.deepEqual(await rows(page), ["Authenticator app", "Recovery code"]);
    assert.doesNotMatch(await page.locator("#step").innerText(), new RegExp(code), "shown once");

    // The session that enrolled the app has not signed in with it.
    await button(page, "Remove Authenticator app").click();
    await refused(page, "Sign in again with your strongest authenticator.");
    assert.match((await exchange(page, "Remove the factor")).answer, /insufficient_user_authentication/);
    await button(page, "Sign in again").click();
    await onStep(page, "Sign in to your second factors");
    await signIn(page);
    await pickAuthenticator(page);
    await button(page, "Get the tokens").click();
    await onStep(page, "Second factors");
    await button(page, "Replace the recovery code").click();
    await onStep(page, "Keep your recovery code");
    assert.notEqual(await page.locator(".kept-codes code").innerText(), code);
    await button(page, /^I have kept/).click();
    await onStep(page, "Second factors");
    await button(page, "Remove Authenticator app").click();
    await page.getByText("Authenticator app: removed.").first().waitFor();
    assert.deepEqual(await rows(page), []);
    await page.getByText("Your Countersign Demo account was changed").first().waitFor();
    await button(page, "Start again").click();
    await onStep(page, "Sign in");
  }],
  ["Auth0: a new app takes the place of the old one", async (page) => {
    const name = newName();
    await signUp(page, name);
    await button(page, "Add a second factor").click();
    await signIn(page, { next: "Second factors" });
    const first = await addApp(page, "Add an authenticator app");
    await onStep(page, "Keep your recovery code");
    await button(page, /^I have kept/).click();
    await onStep(page, "Second factors");
    await button(page, "Sign in again").click();
    await signIn(page);
    await pickAuthenticator(page);
    await button(page, "Get the tokens").click();
    await onStep(page, "Second factors");
    const second = await addApp(page, "Replace the authenticator app");
    assert.notEqual(second.secret, first.secret);
    await onStep(page, "Second factors");
    await button(page, "Sign in again").click();
    await signIn(page);
    await pickAuthenticator(page);
    await button(page, "Get the tokens").click();
    await onStep(page, "Second factors");
    assert.equal((await rows(page)).filter((row) => row === "Authenticator app").length, 1);
  }],
  ["ABP: the authenticator by its QR code, ten recovery codes, two-factor off and on again, reset", async (page) => {
    await dialect(page, "ABP");
    const name = newName();
    await signUp(page, name);
    await button(page, "Sign in").click();
    await onStep(page, "Sign in");
    await signIn(page, { next: "Signed in" });
    await button(page, "Second factors").click();
    await onStep(page, "Second factors");
    assert.deepEqual(await page.locator(".factor-row .muted").allInnerTexts(), ["none yet", "off"]);
    const said = await addApp(page, "Set up an authenticator");
    assert.equal(said.issuer, "Demo");
    await onStep(page, "Keep your recovery codes");
    const codes = await page.locator(".kept-codes code").allInnerTexts();
    assert.equal(new Set(codes).size, 10);
    await button(page, /^I have kept/).click();
    await onStep(page, "Second factors");
    assert.deepEqual(await page.locator(".factor-row .muted").allInnerTexts(), ["set up", "on"]);
    await button(page, "Sign in again").click();
    await signIn(page);
    await pick(page, "Recovery code");
    await button(page, /^Use this code: The newest/).click();
    assert.equal(await page.getByLabel("Recovery code", { exact: true }).inputValue(), codes[0]);
    await button(page, "Get the tokens").click();
    await onStep(page, "Second factors");
    await button(page, "Turn off two-factor").click();
    await page.getByText("Two-factor is off").first().waitFor();
    await button(page, "Turn on two-factor").click();
    await page.getByText("Two-factor is on.").first().waitFor();
    await button(page, "Reset the authenticator").click();
    await page.getByText("The authenticator is removed.").first().waitFor();
    assert.equal(await page.locator(".factor-row .muted").first().innerText(), "none yet");
  }],
  ["a wrong first code is refused, and the key is the same until it is confirmed", async (page) => {
    await dialect(page, "ABP");
    await signUp(page, newName());
    await button(page, "Add a second factor").click();
    await signIn(page, { next: "Second factors" });
    await button(page, "Set up an authenticator").click();
    await onStep(page, "Scan the QR code");
    const { said, code } = await scannedCode(page);
    await page.getByLabel("Six-digit code").fill(code === "000000" ? "111111" : "000000");
    await button(page, "Confirm").click();
    await refused(page, "Invalid authenticator code!");
    assert.equal(await page.getByLabel("Six-digit code").getAttribute("aria-invalid"), "true");
    await button(page, "Back").click();
    await onStep(page, "Second factors");
    await button(page, "Set up an authenticator").click();
    await onStep(page, "Scan the QR code");
    assert.equal((await scannedCode(page)).said.secret, said.secret);
    await button(page, /^Use this code of the authenticator: \d{6}$/).click();
    await button(page, "Confirm").click();
    await onStep(page, "Keep your recovery codes");
  }],
];

export const codemaze = [
  ["CodeMaze: the password sends the code, and the code brings the token", async (page) => {
    await advance(page, 60);
    await dialect(page, "CodeMaze");
    const before = await page.locator(".message").count();
    await signIn(page, { next: "Enter the code" });
    await page.locator(".message").nth(before).waitFor();
    await page.getByLabel("Six-digit code").fill("12");
    await button(page, "Get the tokens").click();
    await refused(page, "Invalid Token Verification");
    await page.locator(".message").first().getByRole("button", { name: "Use this code" }).click();
    await button(page, "Get the tokens").click();
    await onStep(page, "Signed in");
    await page.getByText("The signature is right").first().waitFor();
    assert.equal((await exchange(page, "Get the tokens")).path, "POST /api/accounts/twostepverification");
    for (const none of ["Refresh", "Revoke", "User information", "Second factors"]) {
      assert.equal(await button(page, none).count(), 0, none);
    }
  }],
  ["CodeMaze: a wrong password, and a user without a second factor", async (page) => {
    await dialect(page, "CodeMaze");
    await page.getByLabel("Password", { exact: true }).fill("wrong");
    await button(page, "Sign in").click();
    await refused(page, "Invalid Authentication");
    await signIn(page, { user: "plain@example.com", next: "Signed in" });
  }],
];

/** Walks through the flows besides the login, with a screenshot of each step. */
async function walk(page, folder, size) {
  let count = 0;
  const picture = async (what) => {
    count += 1;
    await assertFits(page, what);
    await assertUsable(page, what);
    await page.screenshot({ path: `${folder}/${size}-accounts-${count}-${what}.png`, fullPage: true });
  };
  const name = newName();
  await button(page, "Create an account").click();
  await onStep(page, "Create an account");
  await page.getByLabel("User name").fill("admin");
  await button(page, "Create the account").click();
  await refused(page, "Username 'admin' is already taken.");
  await picture("sign-up");
  await page.getByLabel("User name").fill(name);
  await page.getByLabel("E-mail", { exact: true }).fill(`${name}@example.com`);
  await button(page, "Create the account").click();
  await onStep(page, "Confirm the e-mail address");
  await useLink(page, CONFIRM);
  await picture("confirm");
  await button(page, "Confirm the address").click();
  await onStep(page, "Confirmed");
  await picture("confirmed");
  await button(page, "Add a second factor").click();
  await onStep(page, "Sign in to your second factors");
  await page.getByText("Client and scope").click();
  await picture("sign-in-to-factors");
  await signIn(page, { next: "Second factors" });
  await button(page, "Add an authenticator app").click();
  await onStep(page, "Scan the QR code");
  await page.locator("img.qr").evaluate((image) => image.decode());
  await page.getByText("What the QR code says").click();
  await picture("scan");
  await button(page, /^Use this code of the authenticator: \d{6}$/).click();
  await button(page, "Confirm").click();
  await onStep(page, "Keep your recovery code");
  await picture("recovery-code");
  await button(page, /^I have kept/).click();
  await onStep(page, "Second factors");
  await button(page, "Remove Authenticator app").click();
  await refused(page, "Sign in again with your strongest authenticator.");
  await picture("factors");
  await dialect(page, "ABP");
  await page.getByLabel("User name or e-mail").fill(name);
  await page.getByLabel("Password", { exact: true }).fill("violet kettle 42");
  await signIn(page);
  await pickAuthenticator(page);
  await button(page, "Get the tokens").click();
  await onStep(page, "Signed in");
  await picture("tokens");
  await button(page, "Second factors").click();
  await onStep(page, "Second factors");
  await picture("abp-factors");
  await addApp(page, "Replace the authenticator");
  await onStep(page, "Keep your recovery codes");
  await picture("abp-recovery-codes");
  await dialect(page, "CodeMaze");
  await picture("codemaze-sign-in");
  await advance(page, 60);
  const before = await page.locator(".message").count();
  await signIn(page, { next: "Enter the code" });
  await page.locator(".message").nth(before).waitFor();
  await picture("codemaze-code");
  await page.locator(".message").first().getByRole("button", { name: "Use this code" }).click();
  await button(page, "Get the tokens").click();
  await onStep(page, "Signed in");
  await picture("codemaze-token");
  await button(page, "Start again").click();
  await onStep(page, "Sign in");
  await button(page, "Forgot the password?").click();
  await onStep(page, "Forgotten password");
  await page.getByLabel("E-mail", { exact: true }).fill(`${name}@example.com`);
  await picture("forgotten");
  await button(page, "Send the link").click();
  await onStep(page, "Choose a new password");
  await useLink(page, RESET);
  await page.getByLabel("New password").fill("copper lantern 77");
  await picture("new-password");
  await button(page, "Change the password").click();
  await onStep(page, "The password is changed");
  await button(page, "Refresh the old session").click();
  await page.getByText(/^The old session is over/).waitFor();
  await picture("changed");
}

export const accountLooks = [
  [390, "light"], [390, "dark"], [1280, "light"], [1280, "dark"], [320, "light"],
].map(([width, colorScheme]) => [
  `the flows beside the login fit and can be used by everybody at ${width} pixels, ${colorScheme}`,
  (page, { folder }) => walk(page, folder, `${width}-${colorScheme}`),
  { viewport: { width, height: 844 }, colorScheme, reducedMotion: "reduce" },
]);
