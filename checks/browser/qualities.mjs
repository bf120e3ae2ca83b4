// The qualities of the whole page: its headers, its curl commands, the keyboard, its
// appearance.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { advance, bind, button, dialect, exchange, onStep, pick, pickAuthenticator, pickSent, refused, signIn } from "./steps.mjs";

export const safeHeaders = [
  ["the page comes with a strict policy, unstored and unsniffed", async (page, { base }) => {
    const response = await page.request.get(base);
    const headers = response.headers();
    assert.match(headers["content-security-policy"], /^default-src 'none'; script-src 'self'; style-src 'self'/);
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["cache-control"], "no-store");
    assert.equal(headers["access-control-allow-origin"], undefined);
  }],
  ["another Host is not shown the page", async (page, { base }) => {
    const response = await page.request.get(base, { headers: { host: "example.com" } });
    assert.equal(response.status(), 403);
  }],
];

/** Runs a command from the page in a shell, and returns what curl printed. */
export function run(curl) {
  const printed = execFileSync("/bin/sh", ["-c", curl.replace(/^curl /, "curl -sS --noproxy '*' ")], { encoding: "utf8" });
  const [head, body] = printed.split("\r\n\r\n");
  return { status: head.split("\r\n")[0], body };
}

export const curlRuns = [
  ["what is shown as curl runs as it is, whatever a password holds", async (page) => {
    const password = "it's \"a\" $HOME `id` \\ !x & + % ü";
    await page.getByLabel("Password", { exact: true }).fill(password);
    await button(page, "Sign in").click();
    await refused(page, "Wrong email or password.");
    const { curl } = await exchange(page, "Sign in with the password");
    const answer = run(curl);
    assert.equal(answer.status, "HTTP/1.1 403 Forbidden");
    assert.equal(JSON.parse(answer.body).error_description, "Wrong email or password.");
    // The shell's result is the password, byte for byte.
    const words = execFileSync("/bin/sh", ["-c", curl.replace(/^curl -i/, "printf '%s\\n'")], { encoding: "utf8" });
    assert.ok(words.split("\n").includes(`password=${password}`), words);
  }],
  ["Auth0: the whole login repeats from the curl commands", async (page) => {
    await signIn(page);
    await pickAuthenticator(page);
    assert.match(run((await exchange(page, "Sign in with the password")).curl).body, /"mfa_required"/);
    const factors = run((await exchange(page, "List the second factors")).curl);
    assert.equal(JSON.parse(factors.body).length >= 3, true);
    assert.deepEqual(JSON.parse(run((await exchange(page, "Choose the authenticator")).curl).body), { challenge_type: "otp" });
    await button(page, "Get the tokens").click();
    await onStep(page, "Signed in");
    assert.equal(run((await exchange(page, "Get the tokens")).curl).status, "HTTP/1.1 401 Unauthorized");
    await button(page, "User information").click();
    const user = run((await exchange(page, "Ask for the user information")).curl);
    assert.equal(JSON.parse(user.body).email, "user@example.com");
  }],
  ["ABP: query and JSON requests run as curl too, and Copy copies them", async (page) => {
    await dialect(page, "ABP");
    await signIn(page);
    const { curl } = await exchange(page, "List the second factors");
    assert.deepEqual(JSON.parse(run(curl).body), ["Email", "Phone", "Authenticator"]);
    const number = (await page.locator("#exchanges .exchange-number").first().textContent());
    await button(page, `Copy request ${number} as curl`).click();
    await page.getByText("Copied", { exact: true }).waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), curl);
    await pick(page, "Authenticator app");
    await page.getByRole("radio", { name: /^Verify, then the token/ }).check();
    await page.getByLabel("Six-digit code").fill("000000");
    await button(page, "Verify the code").click();
    await refused(page, "The answer is false");
    assert.equal(run((await exchange(page, "Verify the code")).curl).body, "false");
  }],
];

/** Roughly the accessible name of the focused element, and whether the focus is visible. */
function focused(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    const label = element.labels?.[0]?.textContent ?? element.getAttribute("aria-label") ?? element.textContent;
    const seen = element.type === "radio" && element.parentElement.closest(".switch") ? element.nextElementSibling : element;
    return { tag: element.tagName, name: label.trim().slice(0, 40), outline: getComputedStyle(seen).outlineStyle };
  });
}

async function tabTo(page, name) {
  for (let press = 0; press < 60; press += 1) {
    await page.keyboard.press("Tab");
    const at = await focused(page);
    if (at.tag !== "BODY") assert.notEqual(at.outline, "none", `the focus on ${at.name} cannot be seen`);
    if (name.test(at.name)) return;
  }
  assert.fail(`the keyboard does not reach ${name}`);
}

export const keyboardOnly = [
  ["a whole login with the keyboard alone, the focus always in sight", async (page) => {
    await page.keyboard.press("Tab");
    assert.equal((await focused(page)).name, "Skip to the login");
    await tabTo(page, /^Auth0$/);
    await page.keyboard.press("ArrowRight");
    assert.ok(await page.getByLabel("ABP", { exact: true }).isChecked());
    await tabTo(page, /^User name/);
    await tabTo(page, /^Password/);
    await page.keyboard.press("Enter");
    await onStep(page, "Pick a second factor");
    await tabTo(page, /^E-mail/);
    const before = await page.locator(".message").count();
    await page.keyboard.press("Enter");
    await onStep(page, "Enter the code");
    await page.locator(".message").nth(before).waitFor();
    await tabTo(page, /^Use this code/);
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");
    await onStep(page, "Signed in");
    await tabTo(page, /^Refresh$/);
    await page.keyboard.press("Enter");
    await page.getByText("Refreshed:").first().waitFor();
    assert.equal((await focused(page)).name, "Refresh");
    // Then the focus goes once through all elements and out at the end.
    let last = "";
    for (let press = 0; press < 80 && last !== "BODY"; press += 1) {
      await page.keyboard.press("Tab");
      last = (await focused(page)).tag;
    }
    assert.equal(last, "BODY", "the keyboard is trapped");
  }],
  ["every field, button and list has a name, and the code field asks for a one-time code", async (page) => {
    await signIn(page);
    await pick(page, "Text message");
    const nameless = await page.evaluate(() => [...document.querySelectorAll("button, input, summary, pre, section, ul:empty + *")]
      .filter((element) => !(element.labels?.length || element.getAttribute("aria-label")
        || element.getAttribute("aria-labelledby") || element.textContent.trim()))
      .map((element) => element.outerHTML));
    assert.deepEqual(nameless, []);
    const field = page.getByLabel("Six-digit code");
    assert.equal(await field.getAttribute("autocomplete"), "one-time-code");
    assert.equal(await field.getAttribute("inputmode"), "numeric");
  }],
  ["a message that arrives is told to a screen reader", async (page) => {
    await advance(page, 60);
    await signIn(page);
    await pick(page, "E-mail");
    await page.locator("#announce-inbox").getByText(/^E-mail to user@example\.com\. Its code is (\d ){5}\d\.$/).waitFor();
  }],
  ["a hidden tab asks for nothing, and one that is seen again asks at once", async (page) => {
    await page.clock.install();
    await page.reload();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    let asked = 0;
    page.on("request", () => { asked += 1; });
    await Promise.all([page.waitForResponse("**/_local/inbox*"), page.clock.runFor(2000)]);
    const hide = (hidden) => page.evaluate((value) => {
      Object.defineProperty(document, "hidden", { value, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
    await hide(true);
    await page.waitForLoadState("networkidle");
    asked = 0;
    await page.clock.runFor(60_000);
    assert.equal(asked, 0);
    await Promise.all([page.waitForResponse("**/_local/inbox*"), page.waitForResponse("**/_local/clock"), hide(false)]);
  }],
];

/** The elements that extend beyond the right edge of the window. */
export function overflow(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const out = [...document.querySelectorAll("body *:not(.visually-hidden):not(.skip)")]
      .filter((element) => element.getBoundingClientRect().right > width + 1);
    if (document.documentElement.scrollWidth > width) out.push(document.documentElement);
    return out.map((element) => `${element.tagName}.${element.className}`).slice(0, 5);
  });
}

/** Nothing is wider than the window, and no value of the program (such as `undefined`) shows. */
export async function assertFits(page, what) {
  assert.deepEqual(await overflow(page), [], `${what} is too wide`);
  const said = await page.locator("main > :not(.log)").allInnerTexts();
  assert.doesNotMatch(said.join("\n"), /\b(null|undefined|NaN|false|\[object)\b/, `${what} shows a bare value`);
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/**
 * axe-core finds nothing: contrast, names, roles, order. The page must have no
 * motion, because elements that fade in have less contrast.
 */
export async function assertUsable(page, what) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
  const violations = found.violations
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
  assert.deepEqual(violations, [], what);
}

/** Walks through all views, with a screenshot of each. */
async function walk(page, folder, name) {
  let number = 0;
  const picture = async (what) => {
    number += 1;
    await assertFits(page, what);
    await assertUsable(page, what);
    await page.screenshot({ path: `${folder}/${name}-${number}-${what}.png`, fullPage: true });
  };
  await advance(page, 60);
  await page.getByText("Client and scope").click();
  await bind(page);
  await picture("sign-in");
  await signIn(page);
  await picture("factors");
  await pickSent(page, "E-mail", "user@example.com");
  await page.locator(".message summary").first().click();
  await picture("code");
  await button(page, "Send again").click();
  await refused(page, "A code was sent just now.");
  assert.equal(await page.getByLabel("Six-digit code").getAttribute("aria-invalid"), null);
  await picture("refused");
  await button(page, "Another factor").click();
  await onStep(page, "Pick a second factor");
  await pick(page, "Recovery code");
  await picture("recovery");
  await button(page, "Another factor").click();
  await pickAuthenticator(page);
  await picture("authenticator");
  await button(page, "Get the tokens").click();
  await onStep(page, "Signed in");
  await page.getByText("The signature is right").first().waitFor();
  await button(page, "User information").click();
  await page.getByRole("heading", { name: "User information" }).waitFor();
  for (const panel of await page.locator(".raw > summary, .panels > details:not([open]) > summary").all()) {
    if (await panel.isVisible()) await panel.click();
  }
  await picture("tokens");
  await button(page, "Start again").click();
  await button(page, "Use a passkey").click();
  await picture("passkeys-elsewhere");
  await page.goto(page.url().replace("127.0.0.1", "localhost"));
  await button(page, "Use a passkey").click();
  await picture("passkeys");
  await page.goto(page.url().replace("localhost", "127.0.0.1"));
  await dialect(page, "ABP");
  await signIn(page);
  await pickAuthenticator(page);
  await page.getByRole("radio", { name: /^Verify, then the token/ }).check();
  await picture("abp-code");
  await button(page, "Verify the code").click();
  await onStep(page, "Verified");
  await picture("abp-verified");
}

/** The same page under the name to which passkeys belong. */
const named = (base) => [new URL(base.replace("127.0.0.1", "localhost")).origin];

export const looks = [
  [390, "light"], [390, "dark"], [1280, "light"], [1280, "dark"], [320, "light"],
].map(([width, colorScheme]) => [
  `nothing is wider than the window at ${width} pixels, ${colorScheme}`,
  (page, { folder }) => walk(page, folder, `${width}-${colorScheme}`),
  { viewport: { width, height: 844 }, colorScheme, reducedMotion: "reduce", origins: named },
]);
