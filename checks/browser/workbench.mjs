// The workbench of `cargo local`: users, clients, messages, events, settings and faults.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { assertFits, assertUsable } from "./qualities.mjs";
import { button } from "./steps.mjs";

/** Opens a view by its tab. */
async function tab(page, name) {
  await page.getByRole("navigation").getByRole("link", { name, exact: true }).click();
  await page.getByRole("heading", { name, level: 2 }).waitFor();
}

/** The command lines that the page shows, newest first. */
function commands(page) {
  return page.locator("#commands .exchange-title").allInnerTexts();
}

/** A right or wrong login of this user, outside of the page. */
async function login(base, username, password) {
  const body = new URLSearchParams({ grant_type: "password", client_id: "demo", username, password });
  return (await fetch(new URL("/oauth/token", base), { method: "POST", body })).status;
}

export const workbench = [
  ["a user is added, locked and deleted, each by a command that is shown", async (page, { base }) => {
    await tab(page, "Users");
    await page.getByText("Add a user").click();
    await page.getByLabel("E-mail address").fill("wendy@example.com");
    await page.getByLabel("Roles").fill("auditor, admin");
    await button(page, "Add the user").click();
    await page.getByRole("heading", { name: "User", exact: true }).waitFor();
    await page.getByText("wendy@example.com (confirmed)").waitFor();
    await page.getByText("auditor, admin").first().waitFor();
    await button(page, "Lock (disable)").click();
    await button(page, "Unlock (enable)").waitFor();
    await page.getByText("user disable").first().waitFor();
    await button(page, "Delete").click();
    await button(page, "Delete for good?").click();
    await page.getByRole("heading", { name: "Users", level: 2 }).waitFor();
    assert.equal(await page.locator(".row").getByText("wendy@example.com").count(), 0);
    const lines = await commands(page);
    assert.match(lines[0], /^countersign --local user delete [0-9a-f-]{36} --yes$/);
    assert.match(lines[1], /^countersign --local user disable /);
    assert.equal(lines[2], "countersign --local user add --email wendy@example.com --email-confirmed --role auditor --role admin");
    assert.equal(await login(base, "wendy@example.com", "pwd"), 403);
  }],
  ["a user with a password is edited, loses one factor, and signs in by the new address", async (page, { base }) => {
    await tab(page, "Users");
    await page.getByText("Add a user").click();
    await page.getByLabel("E-mail address").fill("olive@example.com");
    await page.getByLabel("Password").fill("violet kettle 42");
    await page.getByLabel("First name").fill("Olive");
    await button(page, "Add the user").click();
    await page.getByText("olive@example.com (confirmed)").waitFor();
    assert.equal(await login(base, "olive@example.com", "violet kettle 42"), 200);
    await page.getByText("Edit the user").click();
    await page.getByLabel("E-mail address").fill("olive@example.org");
    await page.getByLabel("Phone number").fill("+15555550188");
    await page.getByLabel("Last name").fill("Moss");
    await button(page, "Save the user").click();
    await page.getByText("olive@example.org (not confirmed)").waitFor();
    await page.getByText("+15555550188 (not confirmed)").waitFor();
    await page.getByText("Olive Moss").waitFor();
    assert.equal(await login(base, "olive@example.org", "violet kettle 42"), 200);
    assert.equal(await login(base, "olive@example.com", "violet kettle 42"), 403);
    assert.doesNotMatch((await commands(page)).join("\n"), /violet/);
    await tab(page, "Users");
    await page.getByRole("link", { name: /^admin/ }).click();
    const factors = page.locator(".row").filter({ has: button(page, "Remove") });
    await factors.nth(2).waitFor();
    const phone = factors.filter({ hasText: "+15555550101" });
    await button(phone, "Remove").click();
    await button(page, "Remove this factor?").click();
    await page.locator("#commands").getByText("user remove-factor").waitFor();
    await phone.waitFor({ state: "detached" });
    assert.equal(await factors.count(), 2);
  }],
  ["wrong passwords are seen on the user's sheet, and an unlocked user can sign in", async (page, { base }) => {
    for (let wrong = 0; wrong < 10; wrong += 1) await login(base, "plain@example.com", "wrong");
    assert.equal(await login(base, "plain@example.com", "pwd"), 429);
    await tab(page, "Users");
    await page.getByLabel("Search").fill("plain");
    await page.getByRole("link", { name: /^plain@example\.com/ }).click();
    await page.getByText("login.refused").or(page.getByText("login.locked")).first().waitFor();
    await page.getByText("locked until").waitFor();
    await button(page, "Unlock (forget wrong guesses)").click();
    await page.locator("#commands").getByText("user unlock").waitFor();
    await page.getByText("locked until").waitFor({ state: "detached" });
    assert.equal(await login(base, "plain@example.com", "pwd"), 200);
    await page.getByLabel("Reason").fill("called, ticket 4711");
    await button(page, "Remove the factors").click();
    await page.keyboard.press("Tab");
    await button(page, "Remove the factors").waitFor();
  }],
  ["a client is added with its secret shown once, changed and removed", async (page) => {
    await tab(page, "Clients");
    await page.getByText("Add a client").click();
    await page.getByLabel("client_id").fill("bench-server");
    await page.getByLabel("What the app is").selectOption("server");
    await page.getByLabel("Audiences").fill("https://api.example.com/");
    await button(page, "Add the client").click();
    await page.getByText("The secret of bench-server, shown this once:").waitFor();
    await page.getByRole("link", { name: "Show the client" }).click();
    await page.getByText("Change", { exact: true }).click();
    await page.getByLabel("Access token, in seconds").fill("120");
    await button(page, "Save").click();
    await page.getByText("120 s").waitFor();
    await button(page, "Remove").click();
    await button(page, "Remove the client?").click();
    await page.getByRole("heading", { name: "Clients", level: 2 }).waitFor();
    assert.equal(await page.getByRole("link", { name: /^bench-server/ }).count(), 0);
  }],
  ["events come as they happen, each with its reason, and the filter finds them", async (page, { base }) => {
    await tab(page, "Events");
    await login(base, "admin@example.com", "nonsense");
    await page.getByText("login.refused").first().waitFor();
    await page.getByLabel("Filter").fill("fp nothing-has-this");
    await page.getByText("No event has these words.").waitFor();
    await page.getByLabel("Filter").fill("fp");
    await page.getByText("login.refused").first().click();
    await page.locator(".event[open] code").getByText('"reason"').waitFor();
  }],
  ["messages are found by recipient, and settings say where they come from", async (page, { base }) => {
    await tab(page, "Users");
    await page.getByText("Add a user").click();
    await page.getByLabel("E-mail address").fill("mia@example.com");
    await button(page, "Add the user").click();
    await button(page, "Unlock (forget wrong guesses)").click();
    await page.locator("#commands").getByText("user unlock").waitFor();
    await tab(page, "Messages");
    await page.getByLabel("Recipient").selectOption("mia@example.com");
    await page.locator(".message").first().waitFor();
    assert.doesNotMatch(await page.locator("#body").innerText(), /plain@example\.com/);
    await tab(page, "Settings");
    await page.getByLabel("Filter").fill("product");
    await page.getByText("Countersign Demo", { exact: true }).waitFor();
    assert.equal(new URL(base).origin, new URL(page.url()).origin);
  }],
  ["users and clients are saved as a file for the next start", async (page) => {
    await tab(page, "Settings");
    const saved = page.waitForEvent("download");
    await page.getByRole("link", { name: "Save users and clients" }).click();
    const download = await saved;
    assert.equal(download.suggestedFilename(), "countersign-state.json");
    const { clients, users } = JSON.parse(readFileSync(await download.path(), "utf8"));
    assert.equal(clients.find(({ id }) => id === "demo-server").secrets[0], "demo-secret");
    assert.ok(users.some(({ user_name: name, factors }) => name === "admin" && factors.some(({ totp }) => totp)));
  }],
  ["a fault is switched on by the keyboard, is met, and ends", async (page, { base }) => {
    await tab(page, "Faults");
    await page.getByText("No fault is planned: every service works.").waitFor();
    const row = (name) => page.locator(".row").filter({ has: page.getByText(name, { exact: true }) });
    await row("Table (DynamoDB)").getByText("works").first().waitFor();
    await page.getByLabel("Service").focus();
    await page.keyboard.type("Table");
    await page.keyboard.press("Tab");
    await page.keyboard.type("answers 500");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await row("Table (DynamoDB)").getByText("fails").waitFor();
    await row("Table (DynamoDB)").getByText("answers 500").waitFor();
    await row("E-mail (SES)").getByText("works").first().waitFor();
    await page.getByText(/^The same in a test: curl .*\/_local\/faults -d /).waitFor();
    assert.equal(await login(base, "plain@example.com", "pwd"), 503);
    await page.getByText(/^[1-9]\d* met$/).waitFor();
    await page.getByLabel("Calls").fill("none");
    await button(page, "Switch on").click();
    await page.getByRole("alert").filter({ hasText: "calls" }).waitFor();
    await button(page, "End every fault").click();
    await page.getByText("No fault is planned: every service works.").waitFor();
    // The wrong passwords of the other claims have used up the network's budget.
    await fetch(new URL("/_local/clock", base), { method: "POST", body: '{"advance_seconds":3600}' });
    assert.equal(await login(base, "plain@example.com", "pwd"), 200);
  }],
];

async function walk(page, folder, name) {
  const picture = async (what) => {
    await assertFits(page, what);
    await assertUsable(page, what);
    await page.screenshot({ path: `${folder}/${name}-workbench-${what}.png`, fullPage: true });
  };
  for (const view of ["Users", "Clients", "Messages", "Events", "Settings"]) {
    await tab(page, view);
    await page.locator("#body :is(.row, .event, .message, .setting, .muted)").first().waitFor();
    await picture(view.toLowerCase());
  }
  await tab(page, "Faults");
  await page.getByText("No fault is planned: every service works.").waitFor();
  await picture("faults");
  await page.getByLabel("Calls").fill("2");
  await button(page, "Switch on").click();
  await page.getByText(/^The same in a test: /).waitFor();
  await picture("faults-planned");
  await button(page, "End every fault").click();
  await page.getByText("No fault is planned: every service works.").waitFor();
  await tab(page, "Users");
  await page.getByText("Add a user").click();
  await picture("add-user");
  await page.getByRole("link", { name: /^user@example\.com/ }).click();
  await page.getByText("Second factors").waitFor();
  await picture("user");
  await tab(page, "Clients");
  await page.getByRole("link", { name: /^demo/ }).first().click();
  await page.getByText("Change", { exact: true }).click();
  await picture("client");
}

export const workbenchLooks = [
  [390, "light"], [390, "dark"], [1280, "light"], [1280, "dark"],
].map(([width, colorScheme]) => [
  `every tab of the workbench fits at ${width} pixels, ${colorScheme}`,
  (page, { folder }) => walk(page, folder, `${width}-${colorScheme}`),
  { viewport: { width, height: 844 }, colorScheme, reducedMotion: "reduce" },
]);
