// Passkeys on the service's own pages, in Chromium with a virtual authenticator.

import assert from "node:assert/strict";
import { assertUsable, overflow } from "../browser/qualities.mjs";
import { https, operate, PLAIN_USER } from "../clients/service.mjs";
import { enterPassword } from "./app.mjs";
import { arrive, optionsOf } from "./spa_app.mjs";

const at = (path) => new URL(path, https).href;
const heading = (page, name) => page.getByRole("heading", { level: 1, name, exact: true }).waitFor();
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
const settings = "Two-factor authentication";

/** axe finds nothing, and nothing is wider than the window: on a desktop, and on a phone in both schemes. */
async function look(page, what) {
  for (const [width, colorScheme] of [[1280, "light"], [360, "light"], [360, "dark"]]) {
    await page.setViewportSize({ width, height: 740 });
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    assert.deepEqual(await overflow(page), [], `${what} is too wide at ${width}`);
    await assertUsable(page, `${what}, ${width}, ${colorScheme}`);
  }
}

/** A browser whose user has added a passkey on the page, and has signed out. */
async function withPagePasskey({ origin, visit, authenticator }, seen = () => {}) {
  await operate("user", "reset-factors", PLAIN_USER.name, "--reason", "check");
  const app = await visit(optionsOf(origin));
  const { page } = app;
  const keys = await authenticator(page);
  await page.goto(at("/auth/login"));
  await enterPassword(page, PLAIN_USER);
  await heading(page, settings);
  await page.getByRole("link", { name: "Add a passkey" }).click();
  await heading(page, "Add a passkey");
  await seen(page, "the page that adds a passkey");
  await press(page, "Add a passkey");
  await page.getByText("You have 1 passkey.").waitFor();
  await seen(page, "the settings with a passkey");
  return { app, page, keys };
}

export const pages = (context) => ({
  async "the pages add a passkey, sign in with it and remove it, and axe finds nothing there"() {
    const { app, page, keys } = await withPagePasskey(context, look);
    await keys.setSilent(true);
    await press(page, "Sign out");
    await heading(page, "Sign in");
    assert.equal(await page.getByLabel("E-mail or user name").getAttribute("autocomplete"), "username webauthn");
    await look(page, "the sign-in with a passkey");
    await keys.setSilent(false);
    await press(page, "Sign in with a passkey");
    await heading(page, settings);
    await page.getByText(PLAIN_USER.name).waitFor();
    await page.getByRole("list", { name: "Passkeys" }).getByRole("button", { name: /^Remove the passkey of / }).click();
    await page.getByText("You have 0 passkeys.").waitFor();
    await look(page, "the settings without a passkey");
    return app;
  },

  async "the browser offers the passkey in the field of the name, and the app's request goes on with two factors"() {
    const { app, page } = await withPagePasskey(context);
    await press(page, "Sign out");
    await app.begin(optionsOf(context.origin));
    // The authenticator answers the offer, as if the user had picked the passkey.
    await arrive(app, () => {}, { authorizationParams: { acr_values: "aal2" } });
    const { email, acr, amr } = await app.done("getIdTokenClaims");
    assert.deepEqual([email, acr, amr.toSorted()], [PLAIN_USER.name, "aal2", ["hwk", "mfa", "user"]]);
    return app;
  },
});
