// The actions of a person on the page, one function for each step.

import assert from "node:assert/strict";

export const button = (page, name) => page.getByRole("button", { name, exact: typeof name === "string" });

/** Waits for a step. Its heading must have the focus. */
export async function onStep(page, title) {
  const heading = page.getByRole("heading", { name: title, exact: true });
  await heading.waitFor();
  assert.ok(await heading.evaluate((element) => element === document.activeElement), `focus is on ${title}`);
}

export async function dialect(page, name) {
  await page.getByLabel(name, { exact: true }).check();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
}

/** Signs in with the password of a demo user (by default the first). */
export async function signIn(page, { user, next = "Pick a second factor" } = {}) {
  if (user) await page.getByRole("group", { name: "Fill in a demo user" }).getByRole("button", { name: user }).click();
  await button(page, "Sign in").click();
  await onStep(page, next);
}

/** Asks for tokens that are bound to a key of the browser. */
export const bind = (page) => page.getByLabel(/^Bind the tokens to a key/).check();

export async function pick(page, factor) {
  await page.getByRole("button", { name: factor }).click();
  await onStep(page, "Enter the code");
}

/** Picks a factor that gets messages, and enters the code from the inbox. */
export async function pickSent(page, factor, to) {
  const before = await page.locator(".message").count();
  await pick(page, factor);
  await page.locator(".message").nth(before).waitFor();
  const newest = page.locator(".message").first();
  assert.match(await newest.innerText(), new RegExp(`to ${to.replace("+", "\\+")}`));
  await newest.getByRole("button", { name: "Use this code" }).click();
  await filled(page, /^\d{6}$/);
}

/**
 * Picks the authenticator and enters the code of the demo authenticator. Waits for a new code
 * if needed.
 */
export async function pickAuthenticator(page) {
  await advance(page, 30);
  await pick(page, "Authenticator app");
  await button(page, /^Use this code of the authenticator: \d{6}$/).click();
  await filled(page, /^\d{6}$/);
}

async function filled(page, pattern) {
  const field = page.getByLabel("Six-digit code");
  assert.match(await field.inputValue(), pattern);
  assert.ok(await field.evaluate((element) => element === document.activeElement), "focus is in the field");
}

export async function way(page, label) {
  await page.getByRole("radio", { name: label }).check();
}

/** Completes a login, verified or not, and reads the access token. */
export async function getTokens(page, amr, acr) {
  await button(page, "Get the tokens").click();
  await onStep(page, "Signed in");
  assert.equal(await claimed(page, "amr"), amr);
  assert.equal(await claimed(page, "acr"), acr);
  await page.getByText("The signature is right").first().waitFor();
}

/** A claim of the access token, as the page shows it. */
export function claimed(page, name) {
  const row = page.locator(".panels .panel").first().locator(".claims > div", { has: page.getByText(name, { exact: true }) });
  return row.locator(".value").innerText();
}

export async function refused(page, sentence) {
  const alert = page.locator("#refusal");
  await alert.getByText(sentence).waitFor();
  assert.match(await alert.innerText(), /^Refused\./);
}

/** Moves the service's clock with the page's own form. */
export async function advance(page, seconds) {
  // A page that has just been opened shows no time until the service has told it.
  const before = Date.parse(await page.locator("#clock-time[datetime]").getAttribute("datetime"));
  await page.getByLabel("Seconds").fill(String(seconds));
  await button(page, "Advance").click();
  await page.waitForFunction((least) => Date.parse(document.querySelector("#clock-time").dateTime) >= least,
    before + seconds * 1000);
}

/**
 * The newest entry with this title in the list of requests: path, status, curl command and
 * answer.
 */
export async function exchange(page, title) {
  const entry = page.locator("#exchanges > li", { has: page.locator(".exchange-title", { hasText: title }) }).first();
  await entry.waitFor();
  return {
    path: await entry.locator(".exchange-path").textContent(),
    status: await entry.locator(".status").textContent(),
    curl: await entry.locator("pre").first().textContent(),
    answer: await entry.locator("pre").nth(1).textContent(),
  };
}
