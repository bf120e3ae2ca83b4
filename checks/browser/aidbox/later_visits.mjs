// The user comes back: a forgotten password, other factors, a second tab, the keyboard.

import assert from "node:assert/strict";
import {
  advance, at, authorizeUrl, EMAIL, follow, heading, json, NEW_PASSWORD, newestLink, nextCode,
  press, signIn, signOut,
} from "./visit.mjs";

export const claims = [
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
