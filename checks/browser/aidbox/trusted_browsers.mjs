// A browser that is remembered: the box, the next sign-in without a code, and the end of it in
// the settings. The service needs COUNTERSIGN_TRUSTED_DEVICE_DAYS.

import assert from "node:assert/strict";
import { advance, at, authorizeUrl, heading, json, press, signIn, signOut } from "./visit.mjs";

const USER = "user@example.com";

/** Has a code sent by e-mail, and enters the code. The box is ticked if `remember` says so. */
async function enterCode(page, remember) {
  await advance(60);
  await page.getByRole("button", { name: /by e-mail/ }).click();
  await page.getByRole("status").getByText(/^We have sent a code to /).waitFor();
  const [message] = await json("/_local/messages");
  await page.getByLabel(/^Code from the message to /).fill(message.code);
  const box = page.getByRole("checkbox", { name: "Remember this browser for 30 days", exact: true });
  assert.equal(await box.isChecked(), false);
  if (remember) await box.check();
}

export const claims = [
  ["the box has the browser remembered, and the settings list the browser", async ({ page, seen }) => {
    await signOut(page);
    await signIn(page, "pwd", USER);
    await heading(page, "Enter your code");
    await enterCode(page, true);
    await seen("remember");
    await press(page, "Sign in");
    await heading(page, "Two-factor authentication");
    await page.getByRole("list", { name: "Remembered devices" }).waitFor();
    await seen("remembered");
  }],
  ["then the password alone signs in, and leads an app's request on; a request for a factor asks for the factor alone", async ({ page, client }) => {
    await signOut(page);
    await signIn(page, "pwd", USER);
    await heading(page, "Two-factor authentication");
    await signOut(page);
    await page.goto(authorizeUrl({ response_type: "token" }));
    await signIn(page, "pwd", USER);
    await page.waitForURL(`${client.redirectUri}#access_token=**`);
    await page.goto(authorizeUrl({ response_type: "token", acr_values: "aal2" }));
    await heading(page, "Enter your code");
  }],
  ["a browser that is forgotten in the settings asks for a code again", async ({ page, seen }) => {
    await page.goto(at("/auth/two-factor"));
    await press(page, "Forget this browser");
    await page.getByRole("list", { name: "Remembered devices" }).waitFor({ state: "detached" });
    await seen("forgotten-browser");
    await signOut(page);
    await signIn(page, "pwd", USER);
    await heading(page, "Enter your code");
  }],
];
