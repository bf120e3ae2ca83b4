// The inbox: which message is offered at which step, a thousand messages, and an e-mail
// as HTML.

import assert from "node:assert/strict";
import { advance, button, dialect, getTokens, onStep, pick, pickSent, refused, signIn } from "./steps.mjs";

const codes = (page) => page.getByRole("button", { name: /^Use this code: \d{6}$/ });

/** Moves the clock past the cool-down of an address and past the lifetime of every code. */
const later = (page) => advance(page, 400);

/** The messages of a busy service. */
function many(count) {
  return Array.from({ length: count }, (_, index) => {
    const id = count - 1 - index;
    return { id, channel: "email", to: `person${id}@example.com`, subject: `Message ${id}`,
      text: `Hello, number ${id}. Your code: ${100000 + id}`, code: String(100000 + id), at: 1, html: false };
  });
}

export const offers = [
  ["a code is offered where a code of that channel and user is asked for, and nowhere else", async (page) => {
    await later(page);
    await signIn(page);
    await pickSent(page, "E-mail", "user@example.com");
    assert.equal(await codes(page).count(), 1);
    await button(page, "Another factor").click();
    await onStep(page, "Pick a second factor");
    assert.equal(await codes(page).count(), 0, "no code is asked for");
    await pick(page, "Text message");
    await page.locator(".message").nth(1).waitFor();
    assert.equal(await codes(page).count(), 1, "the one by text message, not the one by e-mail");
    assert.equal(await page.locator(".message").first().getByRole("button", { name: /^Use this code/ }).count(), 1);
    await dialect(page, "ABP");
    await signIn(page, { user: "admin" });
    await pickSent(page, "E-mail", "admin@example.com");
    assert.equal(await codes(page).count(), 1, "the admin's own");
    await button(page, "Start again").click();
    await onStep(page, "Sign in");
    await signIn(page, { user: "user@example.com" });
    await pick(page, "Authenticator app");
    assert.equal(await page.locator(".message").getByRole("button", { name: /^Use this code/ }).count(), 0);
  }],
  ["a code that has become too old is offered no more", async (page) => {
    await later(page);
    await signIn(page);
    await pickSent(page, "E-mail", "user@example.com");
    await advance(page, 301);
    await page.waitForFunction(() => document.querySelectorAll(".message button.use:not([hidden])").length === 0);
    await onStepTitle(page, "Enter the code");
  }],
  ["of three codes of one login the last two are offered", async (page) => {
    await later(page);
    await signIn(page);
    await pickSent(page, "E-mail", "user@example.com");
    for (const sent of [2, 3]) {
      await advance(page, 31);
      await button(page, "Send again").click();
      await page.locator(".message").nth(sent - 1).waitFor();
    }
    const offered = page.locator(".message").getByRole("button", { name: /^Use this code/ });
    await page.waitForFunction(() => document.querySelectorAll(".message button.use:not([hidden])").length === 2);
    assert.equal(await offered.count(), 2);
    assert.equal(await page.locator(".message").nth(2).getByRole("button", { name: /^Use this code/ }).count(), 0);
  }],
  ["a code that was used is told to be used, in the inbox and when it is typed again", async (page) => {
    await later(page);
    await dialect(page, "ABP");
    await signIn(page, { user: "admin" });
    await pickSent(page, "E-mail", "admin@example.com");
    const code = await page.getByLabel("Six-digit code").inputValue();
    await getTokens(page, "pwd, otp, mfa", "aal1");
    await button(page, "Start again").click();
    await signIn(page, { user: "admin" });
    await advance(page, 31);
    await pick(page, "E-mail");
    await page.locator(".message").nth(1).waitFor();
    await page.locator(".message").nth(1).getByText("Used: a code is good once.").waitFor();
    await page.getByLabel("Six-digit code").fill(code);
    await button(page, "Get the tokens").click();
    await refused(page, "This code was used already.");
    await page.getByLabel("Six-digit code").fill(code === "000000" ? "111111" : "000000");
    await button(page, "Get the tokens").click();
    await page.waitForFunction(() => /Refused/.test(document.querySelector("#refusal").textContent)
      && !/used already/.test(document.querySelector("#refusal").textContent));
  }],
  ["a recovery code is offered to a user who has one, and to no other", async (page) => {
    await dialect(page, "ABP");
    await signIn(page, { user: "admin" });
    assert.equal(await page.getByRole("button", { name: "Authenticator app" }).count(), 1);
    assert.equal(await page.getByRole("button", { name: "Recovery code" }).count(), 0);
    await button(page, "Start again").click();
    await signIn(page, { user: "user@example.com" });
    await page.getByRole("button", { name: /^Recovery code.* 1 left/ }).waitFor();
  }],
];

async function onStepTitle(page, title) {
  await page.getByRole("heading", { name: title, exact: true }).waitFor();
}

export const inbox = [
  ["the inbox asks for what is new only", async (page) => {
    await later(page);
    const answers = [];
    page.on("response", async (response) => {
      if (new URL(response.url()).pathname === "/_local/inbox") answers.push({ url: response.url(), body: await response.json() });
    });
    await signIn(page);
    await pickSent(page, "E-mail", "user@example.com");
    await page.waitForResponse("**/_local/inbox*");
    await page.waitForResponse("**/_local/inbox*");
    assert.ok(answers.every(({ url }) => new URL(url).searchParams.get("after")), "each names the last answer");
    assert.equal(answers.flatMap(({ body }) => body.messages).length, 1, "one message, once");
    await button(page, "Empty").click();
    await page.waitForFunction(() => document.querySelectorAll(".message").length === 0);
  }],
  ["a mail is shown as its HTML in a frame that can do nothing", async (page, { base }) => {
    await later(page);
    await signIn(page);
    await pickSent(page, "E-mail", "user@example.com");
    const message = page.locator(".message").first();
    const code = await message.locator("code").innerText();
    await message.locator("summary").click();
    await message.getByRole("button", { name: "Show as HTML" }).click();
    const frame = message.locator("iframe");
    assert.equal(await frame.getAttribute("sandbox"), "");
    await message.frameLocator("iframe").getByText(code).first().waitFor();
    const response = await page.request.get(new URL(await frame.getAttribute("src"), base).href);
    assert.match(response.headers()["content-security-policy"], /^sandbox; default-src 'none'/);
    await message.getByRole("button", { name: "Show as text" }).click();
    assert.equal(await frame.count(), 0);
    const none = await page.request.get(new URL("/_local/inbox/999999999/html", base).href);
    assert.equal(none.status(), 404);
  }],
  ["a thousand messages: few are drawn, all are searched, and what is drawn stays", async (page) => {
    const messages = many(1000);
    let asked = 0;
    await page.route("**/_local/inbox*", (route) => {
      asked += 1;
      const news = asked === 1 ? messages : asked === 3 ? [{ ...messages[0], id: 1000, subject: "The newest" }] : [];
      return route.fulfill({ json: { cursor: `run.${asked}`, whole: asked === 1, messages: news } });
    });
    await page.reload();
    await page.locator(".message").first().getByText("The newest").waitFor();
    assert.equal(await page.locator(".message").count(), 20);
    await page.getByText("20 of 1000").waitFor();
    const second = await page.locator(".message").nth(1).elementHandle();
    await button(page, "Show older messages").click();
    assert.equal(await page.locator(".message").count(), 70);
    assert.ok(await second.evaluate((element) => element.isConnected), "it was drawn once");
    await page.getByLabel("Search").fill("person7@example.com");
    await page.locator(".message").first().getByText("Message 7", { exact: true }).waitFor();
    assert.equal(await page.locator(".message").count(), 1);
    await page.getByLabel("Search").fill("PERSON99");
    await page.waitForFunction(() => document.querySelectorAll(".message").length === 12);
    await page.getByLabel("Search").fill("no such words");
    await page.getByText("No message has these words.").waitFor();
    // The work that the page does each second does not grow with the inbox.
    await page.getByLabel("Search").fill("");
    const touched = await page.evaluate(() => new Promise((done) => {
      const seen = new Set();
      const observer = new MutationObserver((changes) => {
        for (const { target } of changes) seen.add((target.closest ?? (() => null)).call(target, ".message") ?? target);
      });
      observer.observe(document.querySelector("#messages"), { childList: true, subtree: true, characterData: true, attributes: true });
      setTimeout(() => done(seen.size), 2500);
    }));
    assert.ok(touched > 0 && touched <= 20, `${touched} messages were touched`);
  }],
];

export const reloads = [
  ["a reload keeps the dialect, the factors and the requests", async (page) => {
    await dialect(page, "ABP");
    await signIn(page, { user: "admin" });
    const requests = await page.locator(".exchange-path").allInnerTexts();
    const answer = await page.locator("#exchanges pre").nth(1).textContent();
    await page.reload();
    await onStep(page, "Pick a second factor");
    assert.ok(await page.getByLabel("ABP", { exact: true }).isChecked());
    assert.deepEqual(await page.locator(".exchange-path").allInnerTexts(), requests);
    assert.equal(await page.locator("#exchanges pre").nth(1).textContent(), answer);
    await page.getByRole("button", { name: "Authenticator app" }).click();
    await onStep(page, "Enter the code");
  }],
  ["a reload between send and code loses neither, and the code still signs in", async (page) => {
    await later(page);
    await signIn(page);
    await pickSent(page, "E-mail", "user@example.com");
    await page.reload();
    await onStep(page, "Enter the code");
    await codes(page).click();
    await getTokens(page, "pwd, otp, mfa", "aal1");
    await page.reload();
    await onStep(page, "Signed in");
    await page.getByText("The signature is right").first().waitFor();
    await button(page, "Refresh").click();
    await page.getByText("Refreshed:").first().waitFor();
    await page.reload();
    await button(page, "Replay the old refresh token").click();
    await page.getByText("the same refresh token as before").first().waitFor();
    await button(page, "Start again").click();
    await onStep(page, "Sign in");
    await page.reload();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
  }],
  ["a reload of a sign-up, of a key to scan and of recovery codes goes on there", async (page) => {
    await dialect(page, "ABP");
    await button(page, "Create an account").click();
    const name = `r${Date.now().toString(36)}`;
    await page.getByLabel("User name").fill(name);
    await page.getByLabel("E-mail", { exact: true }).fill(`${name}@example.com`);
    await button(page, "Create the account").click();
    await onStep(page, "Confirm the e-mail address");
    await page.reload();
    await onStep(page, "Confirm the e-mail address");
    await page.getByRole("button", { name: /^Use this link: Confirm/ }).click();
    await button(page, "Confirm the address").click();
    await onStep(page, "Confirmed");
    await button(page, "Add a second factor").click();
    await onStep(page, "Sign in to your second factors");
    await page.reload();
    await onStepTitle(page, "Sign in to your second factors");
    await signIn(page, { next: "Second factors" });
    await page.reload();
    await button(page, "Set up an authenticator").click();
    await onStep(page, "Scan the QR code");
    const key = await page.locator(".scan-key code").first().innerText();
    await page.reload();
    await onStep(page, "Scan the QR code");
    assert.equal(await page.locator(".scan-key code").first().innerText(), key);
    await button(page, /^Use this code of the authenticator: \d{6}$/).click();
    await button(page, "Confirm").click();
    await onStep(page, "Keep your recovery codes");
    const kept = await page.locator(".kept-codes code").allInnerTexts();
    await page.reload();
    await onStep(page, "Keep your recovery codes");
    assert.deepEqual(await page.locator(".kept-codes code").allInnerTexts(), kept);
    await button(page, /^I have kept/).click();
    await onStep(page, "Second factors");
    await page.reload();
    await page.locator(".factor-row", { hasText: "set up" }).waitFor();
  }],
];
