// Aidbox's two-factor flow as Aidbox's page describes it, in a browser without
// JavaScript: sign up, enable with the QR code, sign in with the code, arrive at the
// client with a token, disable.
//
//   node aidbox.mjs <http base> <https base> <folder for screenshots>
//
// Starts the browser, and the client `web` at http://localhost:3000. The service must
// be fresh (`--memory`), with COUNTERSIGN_TRUSTED_DEVICE_DAYS=30. Each claim continues where the previous one ended. Prints a
// line for each claim and ends with "N passed, N failed".

import { claims as authorization } from "./aidbox/authorization.mjs";
import { startClient } from "./aidbox/client.mjs";
import { claims as laterVisits } from "./aidbox/later_visits.mjs";
import { claims as signingUp } from "./aidbox/signing_up.mjs";
import { claims as trustedBrowsers } from "./aidbox/trusted_browsers.mjs";
import { base, folder, look, secure } from "./aidbox/visit.mjs";
import { withBrowser } from "./browser.mjs";

const claims = [...signingUp, ...authorization, ...laterVisits, ...trustedBrowsers];

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
