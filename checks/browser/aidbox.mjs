// Aidbox's two-factor flow as Aidbox's page describes it, in a browser without
// JavaScript: sign up, enable with the QR code, sign in with the code, arrive at the
// client with a token, disable.
//
//   node aidbox.mjs <http base> <https base> <folder for screenshots>
//
// Starts the browser, and the client `web` at http://localhost:3000. The service must
// be fresh (`--memory`). Each claim continues where the previous one ended. Prints a
// line for each claim and ends with "N passed, N failed".

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { startClient } from "./aidbox_client.mjs";
import { withBrowser } from "./browser.mjs";
import { assertUsable, overflow } from "./qualities.mjs";
import { readOtpauth, readQr, totp } from "./qr.mjs";

const [base, secure, folder] = process.argv.slice(2);
if (!base || !secure || !folder) {
  process.stderr.write("usage: node aidbox.mjs <http base> <https base> <folder for screenshots>\n");
  process.exit(2);
}
mkdirSync(folder, { recursive: true });

const EMAIL = "grace@example.com";
const PASSWORD = "violet kettle 42";
const NEW_PASSWORD = "copper lantern 77";

const at = (path) => new URL(path, secure).href;
const api = (path, options) => fetch(new URL(path, base), options);
const json = async (path, options) => (await api(path, options)).json();

/**
 * Moves the service's clock, because a code works once and messages to one address have a
 * cool-down.
 */
async function advance(seconds) {
  const { now } = await json("/_local/clock", { method: "POST", body: JSON.stringify({ advance_seconds: seconds }) });
  return now;
}

async function newestLink() {
  const message = (await json("/_local/messages")).find(({ to }) => to === EMAIL);
  return message.text.match(/https:\/\/\S+/)[0];
}

/** The state that one claim leaves for the next. */
const story = {};

/** The next code of the app. */
async function nextCode() {
  return totp(story.app, await advance(30));
}

const heading = (page, name) => page.getByRole("heading", { level: 1, name, exact: true }).waitFor();
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
const follow = (page, name) => page.getByRole("link", { name, exact: true }).click();

let pictures = 0;

/**
 * Checks a page on a desktop, on a phone and in the dark scheme. axe-core must find nothing
 * serious.
 */
async function look(page, mirror, what) {
  pictures += 1;
  const html = await page.content();
  assert.doesNotMatch(html, /<script|\son\w+=/i, `${what} has a script`);
  for (const [width, colorScheme] of [[1280, "light"], [360, "light"], [360, "dark"]]) {
    await page.setViewportSize({ width, height: 740 });
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: `${folder}/aidbox-${pictures}-${what}-${width}-${colorScheme}.png`, fullPage: true });
    // The page is loaded again with scripts enabled, because axe-core is a script.
    await mirror.setViewportSize({ width, height: 740 });
    await mirror.emulateMedia({ colorScheme });
    await mirror.setContent(html);
    assert.deepEqual(await overflow(mirror), [], `${what} is too wide at ${width}`);
    await assertUsable(mirror, `${what}, ${width}, ${colorScheme}`);
  }
  await page.setViewportSize({ width: 1280, height: 740 });
  await page.emulateMedia({ colorScheme: "light" });
}

async function signIn(page, password = PASSWORD, name = EMAIL) {
  await page.getByLabel("E-mail or user name").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await press(page, "Sign in");
}

async function signOut(page) {
  await page.goto(at("/auth/two-factor"));
  await press(page, "Sign out");
  await heading(page, "Sign in");
}

/** `GET /auth/authorize` of the client, with these parameters besides its id and state. */
function authorizeUrl(more) {
  story.state = randomBytes(12).toString("base64url");
  return at(`/auth/authorize?${new URLSearchParams({ client_id: "web", state: story.state, ...more })}`);
}

const claims = [
  ["signing up sends a link, and the same is said to an address that has an account", async ({ page, seen }) => {
    await page.goto(at("/auth/login?client_id=web&response_type=token"));
    await heading(page, "Sign in");
    await seen("sign-in");
    await follow(page, "Sign up");
    await heading(page, "Sign up");
    await seen("sign-up");
    await page.getByLabel("E-mail address").fill(EMAIL);
    await page.getByLabel("Password").fill("password1");
    await press(page, "Sign up");
    const problem = page.locator("#password-problem");
    await problem.waitFor();
    assert.equal(await page.getByLabel("Password").getAttribute("aria-describedby"), "password-problem password-rule");
    await seen("sign-up-refused");
    await page.reload();
    await heading(page, "Sign up");
    await page.getByLabel("E-mail address").fill(EMAIL);
    await page.getByLabel("Password").fill(PASSWORD);
    await press(page, "Sign up");
    await heading(page, "Look into your mailbox");
    // Reload sends nothing again, and Back leads to a form.
    await page.reload();
    await heading(page, "Look into your mailbox");
    await page.goBack();
    await heading(page, "Sign up");
    await page.goForward();
    await heading(page, "Look into your mailbox");
    await seen("mailbox");
    const said = await page.locator("main").innerText();
    await page.goto(at("/auth/signup?client_id=web&response_type=token"));
    await page.getByLabel("E-mail address").fill("plain@example.com");
    await page.getByLabel("Password").fill(PASSWORD);
    await press(page, "Sign up");
    await heading(page, "Look into your mailbox");
    assert.equal(await page.locator("main").innerText(), said);
  }],
  ["the link of the inbox confirms the address when its button is pressed, and once", async ({ page, inbox, seen }) => {
    await inbox.goto(base);
    const link = await inbox.locator(".message", { hasText: EMAIL }).getByRole("link", { name: "Open this link" })
      .first().getAttribute("href");
    await page.goto(link);
    await heading(page, "Confirm your address");
    await seen("confirm");
    await press(page, "Confirm");
    await heading(page, "Thank you");
    await seen("confirmed");
    await page.goto(link);
    await heading(page, "Thank you");
    await seen("confirmed-twice");
    await page.goto(`${link}x`);
    await page.getByRole("alert").getByText("This link is not valid any more.").waitFor();
    await seen("link-dead");
    await follow(page, "Sign in");
    await heading(page, "Sign in");
    assert.match(page.url(), /client_id=web/, "the way back to the app is kept");
  }],
  ["a wrong password is refused beside the form; the right one signs in to the settings", async ({ page, seen }) => {
    await page.goto(at("/auth/two-factor"));
    await heading(page, "Sign in");
    await signIn(page, "wrong");
    await page.locator("#password-problem").waitFor();
    assert.equal(await page.getByLabel("Password", { exact: true }).getAttribute("aria-invalid"), "true");
    assert.ok(await page.getByLabel("Password", { exact: true }).evaluate((input) => input === document.activeElement));
    assert.equal(await page.getByLabel("E-mail or user name").inputValue(), EMAIL);
    await seen("sign-in-refused");
    await signIn(page);
    await heading(page, "Two-factor authentication");
    assert.match(await page.locator("main").innerText(), /Two-factor authentication is off\./);
    await seen("settings-off");
  }],
  ["the session is in a cookie that is Secure, HttpOnly and SameSite=Lax, on this host alone", async ({ page }) => {
    const cookies = await page.context().cookies();
    const session = cookies.find(({ name }) => name === "__Host-countersign");
    assert.deepEqual([session.secure, session.httpOnly, session.sameSite, session.path], [true, true, "Lax", "/"]);
    for (const cookie of cookies) assert.ok(cookie.httpOnly && cookie.secure, cookie.name);
  }],
  ["two-factor is enabled by the code of the QR code in the picture", async ({ page, seen }) => {
    await follow(page, "Enable");
    await heading(page, "Enable two-factor authentication");
    const said = await readQr(page.locator("svg.qr"));
    story.app = readOtpauth(said);
    assert.equal(story.app.kind, "totp");
    assert.equal(story.app.issuer, "Demo");
    assert.equal(story.app.label, `Demo:${EMAIL}`);
    const opens = await page.getByRole("link", { name: /^Open in an authenticator app/ }).getAttribute("href");
    assert.equal(opens, said);
    const shown = (await page.locator("main code").innerText()).replace(/\s/g, "");
    assert.equal(shown, story.app.secret);
    await seen("enable");
    // A phone can read the code from a screenshot too.
    await page.setViewportSize({ width: 360, height: 740 });
    assert.equal(await readQr(page.locator("svg.qr")), said);
    await page.emulateMedia({ colorScheme: "dark" });
    assert.equal(await readQr(page.locator("svg.qr")), said);
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize({ width: 1280, height: 740 });
    const code = await nextCode();
    await page.getByLabel("Code from your authenticator app").fill(code === "000000" ? "111111" : "000000");
    await press(page, "Enable");
    await page.locator("#token-problem").waitFor();
    assert.equal(await readQr(page.locator("svg.qr")), said, "a wrong code leaves the key");
    await seen("enable-refused");
    await page.getByLabel("Code from your authenticator app").fill(code);
    await press(page, "Enable");
    await heading(page, "Two-factor authentication");
    const text = await page.locator("main").innerText();
    assert.match(text, /Two-factor authentication is on\./);
    story.recovery = await page.locator(".codes code").allInnerTexts();
    assert.ok(story.recovery.length > 0);
    await seen("recovery-codes");
    await page.goto(at("/auth/two-factor"));
    assert.deepEqual(await page.locator(".codes code").allInnerTexts(), story.recovery, "seen again in that visit");
    const [file] = await Promise.all([page.waitForEvent("download"), follow(page, "Save as a file")]);
    assert.equal(file.suggestedFilename(), "recovery-codes.txt");
    assert.deepEqual(readFileSync(await file.path(), "utf8").trim().split(/\s+/), story.recovery);
    await page.emulateMedia({ media: "print" });
    assert.ok(!await page.getByRole("button", { name: "Sign out" }).isVisible(), "only the codes are printed");
    await page.emulateMedia({ media: "screen" });
    await press(page, "I have kept them");
    await heading(page, "Two-factor authentication");
    assert.equal(await page.locator(".codes").count(), 0);
    await seen("settings-on");
  }],
  ["signing out ends the session in the table too", async ({ page }) => {
    const cookies = await page.context().cookies();
    const session = cookies.find(({ name }) => name === "__Host-countersign");
    await signOut(page);
    await page.context().addCookies([session]);
    await page.goto(at("/auth/two-factor"));
    await heading(page, "Sign in");
    await page.context().clearCookies();
  }],
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
  ["a forgotten password: the link of the inbox sets a new one, and the second factor is still asked for", async ({ page, seen }) => {
    await signOut(page);
    await advance(60);
    await follow(page, "Forgot your password?");
    await seen("forgotten");
    await page.getByLabel("E-mail address").fill(EMAIL);
    await page.locator("main form button").click();
    await page.getByText(/mailbox/i).first().waitFor();
    const link = await newestLink();
    await page.goto(link);
    await heading(page, "Choose a new password");
    assert.equal(await page.locator("input[autocomplete=username]").inputValue(), EMAIL);
    await seen("new-password");
    await page.getByLabel("New password").fill(NEW_PASSWORD);
    await press(page, "Change the password");
    await heading(page, "Your password is changed");
    await page.reload();
    await heading(page, "Your password is changed");
    await page.goto(link);
    await heading(page, "This link has ended");
    await page.getByRole("link", { name: "Send a new link" }).waitFor();
    await seen("reset-dead");
    await page.goBack();
    await page.getByRole("link", { name: "Sign in" }).click();
    await signIn(page, NEW_PASSWORD);
    await heading(page, "Enter your code");
    await page.getByLabel("Code from your authenticator app").fill(await nextCode());
    await press(page, "Sign in");
    await heading(page, "Two-factor authentication");
  }],
  ["disabling takes a code, and then the password alone signs in", async ({ page, seen }) => {
    await page.goto(at("/auth/two-factor/disable"));
    await heading(page, "Disable two-factor authentication");
    await seen("disable");
    const code = await nextCode();
    await page.getByLabel("Code from your authenticator app").fill(code === "000000" ? "111111" : "000000");
    await press(page, "Disable");
    await page.locator("#token-problem").waitFor();
    await seen("disable-refused");
    await page.getByLabel("Code from your authenticator app").fill(code);
    await press(page, "Disable");
    await heading(page, "Two-factor authentication");
    assert.match(await page.locator("main").innerText(), /Two-factor authentication is off\./);
    await signOut(page);
    await signIn(page, NEW_PASSWORD);
    await heading(page, "Two-factor authentication");
  }],
  ["a user with other factors has a code sent by e-mail or text message instead", async ({ page, seen }) => {
    await signOut(page);
    for (const [send, to] of [[/by e-mail/, "user@example.com"], [/by SMS/, "+15555550100"]]) {
      await advance(60);
      await signIn(page, "pwd", "user@example.com");
      await heading(page, "Enter your code");
      await page.getByRole("button", { name: send }).click();
      await page.getByRole("status").getByText(/^We have sent a code to /).waitFor();
      const [message] = await json("/_local/messages");
      assert.equal(message.to, to);
      await seen("code-sent");
      await page.getByLabel(/^Code from the message to /).fill(message.code);
      await press(page, "Sign in");
      await heading(page, "Two-factor authentication");
      await signOut(page);
    }
    await signIn(page, NEW_PASSWORD);
  }],
  ["an app that wants it has the user asked before it is answered", async ({ page, seen, client }) => {
    await page.goto(authorizeUrl({ response_type: "token", prompt: "consent" }));
    await heading(page, "Go on to the app?");
    await seen("choose");
    await press(page, "Continue");
    await page.waitForURL(`${client.redirectUri}#access_token=**`);
  }],
  ["a second tab that signs in breaks nothing in the first", async ({ page, seen }) => {
    await signOut(page);
    const second = await page.context().newPage();
    await signIn(page, "pwd", "user@example.com");
    await heading(page, "Enter your code");
    await second.goto(at("/auth/login"));
    await signIn(second, "pwd", "user@example.com");
    await heading(second, "Enter your code");
    await page.getByLabel("Code from your authenticator app").fill("000000");
    await press(page, "Sign in");
    await page.getByRole("alert").getByText(/in another tab/).waitFor();
    await seen("another-tab");
    await follow(page, "Go on");
    await second.close();
    await signIn(page, NEW_PASSWORD);
    await heading(page, "Two-factor authentication");
  }],
  ["the whole sign-in by keyboard alone", async ({ page }) => {
    await signOut(page);
    // The first field already has the focus.
    await page.keyboard.type(EMAIL);
    await page.keyboard.press("Tab");
    await page.keyboard.type(NEW_PASSWORD);
    await page.keyboard.press("Enter");
    await heading(page, "Two-factor authentication");
  }],
];

const client = await startClient();
let passed = 0;
let failed = 0;
try {
  await withBrowser(async (browser) => {
    const origins = [new URL(secure).origin, new URL(client.redirectUri).origin];
    const opened = await browser.open(origins, { javaScriptEnabled: false, reducedMotion: "reduce" });
    const mirror = await browser.open([], { reducedMotion: "reduce" });
    const inbox = await browser.open([new URL(base).origin]);
    const context = { page: opened.page, inbox: inbox.page, client, seen: (what) => look(opened.page, mirror.page, what) };
    for (const [sentence, body] of claims) {
      try {
        await body(context);
        opened.assertQuiet();
        mirror.assertQuiet();
        inbox.assertQuiet();
        passed += 1;
        console.log(`ok      ${sentence}`);
      } catch (error) {
        failed += 1;
        console.log(`FAILED  ${sentence}\nat ${opened.page.url().split("#")[0]}\n${error.stack ?? error}`);
        await opened.page.screenshot({ path: `${folder}/aidbox-failed.png`, fullPage: true }).catch(() => {});
        break;
      }
    }
  });
} finally {
  await client.stop();
}
console.log(`${passed} passed, ${failed} failed, of ${claims.length}`);
process.exitCode = passed === claims.length ? 0 : 1;
