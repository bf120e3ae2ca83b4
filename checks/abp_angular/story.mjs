// ABP's Angular app, built unchanged from ABP's own packages, in Chromium. The login
// service is at another origin and also serves Auth0's dialect. The check covers a
// login with a password and a code by e-mail, a refresh, a log-out, and a registration
// with a taken user name.
//
//   node story.mjs <http base> <https base>
//
// The service must be fresh (`--memory`). `cargo local` lets pages of this machine call,
// as a deployment lets pages of its clients' web origins. Prints a line for each claim
// and ends with "N passed, N failed".

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { bundle, serve, TENANT } from "./server.mjs";

const [base, secure] = process.argv.slice(2);
if (!base || !secure) {
  process.stderr.write("usage: node story.mjs <http base> <https base>\n");
  process.exit(2);
}
const login = secure.replace(/\/$/, "");
const issuer = `${login}/abp/`;

const ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** The browser's requests to the login service, newest last, without preflights. */
const asked = [];
const calls = (path) => asked.filter(({ url }) => new URL(url).pathname === path);
const story = {};

const claims = {
  async "it finds ABP's endpoints beside Auth0's"({ page, own }) {
    await page.goto(`${own}/#/account/login`);
    await page.locator("#login-input-user-name-or-email-address").waitFor();
    const [document] = calls("/abp/.well-known/openid-configuration");
    assert.equal(document.status, 200);
  },

  async "a wrong password is told in ABP's words"({ page }) {
    await signIn(page, "wrong");
    await page.getByText("Invalid username or password!").first().waitFor();
  },

  async "a password and a code by e-mail sign in"({ page }) {
    await signIn(page, "1q2w3E*");
    await page.locator("#selected-provider").selectOption({ label: "Email" });
    await press(page);
    await page.locator("#code").fill(await newestCode());
    await press(page);
    await page.getByRole("heading", { name: "Home" }).waitFor();
    assert.equal(await page.locator("output").innerText(), "admin");
    story.refresh = await page.evaluate(() => globalThis.auth.getRefreshToken());
    assert.ok(story.refresh);
  },

  async "a refresh with the bearer on the call and every header of the packages gives new tokens"({ page }) {
    const before = await page.evaluate(() => globalThis.auth.getAccessToken());
    await page.evaluate(() => globalThis.auth.refreshToken());
    const { status, headers } = calls("/abp/connect/token").at(-1);
    assert.equal(status, 200);
    assert.equal(headers.authorization, `Bearer ${before}`);
    assert.equal(headers["x-requested-with"], "XMLHttpRequest");
    assert.equal(headers.__tenant, TENANT);
    const timeZone = await page.evaluate(() => Intl.DateTimeFormat().resolvedOptions().timeZone);
    assert.equal(headers.__timezone, timeZone);
    assert.equal(headers["accept-language"], "en");
    assert.notEqual(await page.evaluate(() => globalThis.auth.getAccessToken()), before);
    story.refresh = await page.evaluate(() => globalThis.auth.getRefreshToken());
  },

  async "a log-out revokes"({ page }) {
    await page.evaluate(() => new Promise((done, failed) =>
      globalThis.auth.logout().subscribe({ complete: done, error: failed })));
    await page.getByText("nobody").waitFor();
    const revoked = calls("/abp/oauth/revoke");
    assert.deepEqual(revoked.map(({ status }) => status), [200, 200]);
    const again = await fetch(new URL("/abp/connect/token", base), {
      method: "POST",
      body: new URLSearchParams({ grant_type: "refresh_token", client_id: "AbpSolution1_App", refresh_token: story.refresh }),
    });
    assert.equal(again.status, 400);
  },

  async "a taken user name is told in ABP's dialog, and the page stays"({ page, own }) {
    await page.goto(`${own}/#/account/register`);
    const fields = page.locator("abp-register input");
    await page.locator("abp-register input[formcontrolname=username]").fill("admin");
    await page.locator("abp-register input[formcontrolname=email]").fill("new@example.com");
    await page.locator("abp-register input[formcontrolname=password]").fill("Violet kettle 42!");
    await press(page);
    const dialog = page.locator("abp-confirmation");
    await dialog.getByText("Username 'admin' is already taken.").waitFor();
    assert.equal(await page.locator("abp-http-error-wrapper").count(), 0);
    assert.ok((await fields.count()) >= 3, "the form is still there");
    assert.equal(calls("/api/account/register").at(-1).status, 403);
  },
};

const press = (page) => page.locator("button[type=submit], abp-button button").first().click();

async function signIn(page, password) {
  await page.locator("#login-input-user-name-or-email-address").fill("admin");
  await page.locator("#password").fill(password);
  await press(page);
}

async function newestCode() {
  for (let tries = 0; tries < 100; tries += 1) {
    const [message] = await (await fetch(new URL("/_local/messages", base))).json();
    if (message?.code) return message.code;
    await new Promise((later) => setTimeout(later, 100));
  }
  throw new Error("no code was sent");
}

/** Records each answer of the login service, with the headers of the request. */
async function note(response) {
  const request = response.request();
  const preflight = request.method() === "OPTIONS";
  if (!preflight && request.url().startsWith(login)) {
    asked.push({ url: request.url(), status: response.status(), headers: request.headers() });
  }
}

const profile = mkdtempSync(join(tmpdir(), "countersign-abp-"));
const server = await serve(await bundle(), issuer, login);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGUMENTS,
  env: { ...process.env, HOME: profile, XDG_CONFIG_HOME: profile },
});
let passed = 0, failed = 0;
try {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on("response", note);
  const said = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  for (const [claim, holds] of Object.entries(claims)) {
    try {
      await holds({ page, own: server.origin });
      passed += 1;
      console.log(`ok      ${claim}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED  ${claim}\n${error.stack}\n${said.join("\n")}`);
      break;
    }
  }
} finally {
  await browser.close();
  server.end();
  rmSync(profile, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
