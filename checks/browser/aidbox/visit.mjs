// What the claims about Aidbox's pages share: the service's addresses, the story so far,
// and the steps that they repeat.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { assertUsable, overflow } from "../qualities.mjs";
import { totp } from "../qr.mjs";

export const [base, secure, folder] = process.argv.slice(2);
if (!base || !secure || !folder) {
  process.stderr.write("usage: node aidbox.mjs <http base> <https base> <folder for screenshots>\n");
  process.exit(2);
}
mkdirSync(folder, { recursive: true });

export const EMAIL = "grace@example.com";
export const PASSWORD = "violet kettle 42";
export const NEW_PASSWORD = "copper lantern 77";

export const at = (path) => new URL(path, secure).href;
export const api = (path, options) => fetch(new URL(path, base), options);
export const json = async (path, options) => (await api(path, options)).json();

/**
 * Moves the service's clock, because a code works once and messages to one address have a
 * cool-down.
 */
export async function advance(seconds) {
  const { now } = await json("/_local/clock", { method: "POST", body: JSON.stringify({ advance_seconds: seconds }) });
  return now;
}

export async function newestLink() {
  const message = (await json("/_local/messages")).find(({ to }) => to === EMAIL);
  return message.text.match(/https:\/\/\S+/)[0];
}

/** The state that one claim leaves for the next. */
export const story = {};

/** The next code of the app. */
export async function nextCode() {
  return totp(story.app, await advance(30));
}

export const heading = (page, name) => page.getByRole("heading", { level: 1, name, exact: true }).waitFor();
export const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
export const follow = (page, name) => page.getByRole("link", { name, exact: true }).click();

let pictures = 0;

/**
 * Checks a page on a desktop, on a phone and in the dark scheme. axe-core must find nothing
 * serious.
 */
export async function look(page, mirror, what) {
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

export async function signIn(page, password = PASSWORD, name = EMAIL) {
  await page.getByLabel("E-mail or user name").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await press(page, "Sign in");
}

export async function signOut(page) {
  await page.goto(at("/auth/two-factor"));
  await press(page, "Sign out");
  await heading(page, "Sign in");
}

/** `GET /auth/authorize` of the client, with these parameters besides its id and state. */
export function authorizeUrl(more) {
  story.state = randomBytes(12).toString("base64url");
  return at(`/auth/authorize?${new URLSearchParams({ client_id: "web", state: story.state, ...more })}`);
}
