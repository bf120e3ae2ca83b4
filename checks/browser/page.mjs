// Uses the page at `GET /` of `cargo local` in a real browser.
//
//   node page.mjs <base URL> <folder for screenshots> [part of a sentence: only such claims]
//
// Starts only the browser. The service must be fresh (`--memory`), because the check
// consumes recovery codes and moves the clock. Prints a line for each claim and ends
// with "N passed, N failed".

import { mkdirSync } from "node:fs";
import { accountLooks, accounts, codemaze, factors } from "./accounts.mjs";
import { withBrowser } from "./browser.mjs";
import { inbox, offers, reloads } from "./inbox.mjs";
import { firstParty, passkeys, trustedDevices } from "./native_logins.mjs";
import { abpWays, auth0Ways, boundLogins, clockAndExpiry, recoveryCodes, refusals, signsInWithout } from "./logins.mjs";
import { curlRuns, keyboardOnly, looks, safeHeaders } from "./qualities.mjs";
import { workbench, workbenchLooks } from "./workbench.mjs";

const [base, folder, only = ""] = process.argv.slice(2);
if (!base || !folder) {
  process.stderr.write("usage: node page.mjs <base URL> <folder for screenshots> [part of a sentence]\n");
  process.exit(2);
}
mkdirSync(folder, { recursive: true });

let passed = 0;
let failed = 0;

/** Runs one claim on a new page. Every page must also end without a browser error. */
async function claim(browser, sentence, body, options = {}) {
  // Deletes the earlier messages, because the page shows only the newest twenty.
  await fetch(new URL("/_local/messages", base), { method: "DELETE" });
  const { origins = () => [], ...context } = options;
  const opened = await browser.open([new URL(base).origin, ...origins(base)],
    { permissions: ["clipboard-read", "clipboard-write"], ...context });
  try {
    await opened.page.goto(base, { waitUntil: "load" });
    await opened.page.getByRole("heading", { name: "Sign in" }).waitFor();
    await body(opened.page, { base, folder });
    opened.assertQuiet();
    passed += 1;
    console.log(`ok      ${sentence}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${sentence}\n${error.stack ?? error}`);
    await opened.page.screenshot({ path: `${folder}/failed-${failed}.png`, fullPage: true }).catch(() => {});
  } finally {
    await opened.close();
  }
}

await withBrowser(async (browser) => {
  for (const group of [safeHeaders, signsInWithout, auth0Ways, boundLogins, passkeys, trustedDevices, firstParty, abpWays, refusals, clockAndExpiry,
    accounts, factors, codemaze, offers, inbox, reloads, curlRuns, keyboardOnly, looks, accountLooks, workbench, workbenchLooks, recoveryCodes]) {
    for (const [sentence, body, options] of group) {
      if (sentence.includes(only)) await claim(browser, sentence, body, options);
    }
  }
});

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
