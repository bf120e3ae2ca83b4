// A new user signs up, enables two-factor authentication with the QR code, and signs out.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readOtpauth, readQr } from "../qr.mjs";
import {
  at, base, EMAIL, follow, heading, nextCode, PASSWORD, press, signIn, signOut, story,
} from "./visit.mjs";

export const claims = [
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
];
