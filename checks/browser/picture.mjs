// Takes the README's picture of the page of `cargo local`: a login that waits for its code.
//
//   node picture.mjs <base URL> <file>
//
// The service must be fresh (`--memory`).

import { withBrowser } from "./browser.mjs";
import { pick, signIn } from "./steps.mjs";

const [base, file] = process.argv.slice(2);
if (!base || !file) {
  process.stderr.write("usage: node picture.mjs <base URL> <file>\n");
  process.exit(2);
}

await withBrowser(async (browser) => {
  const opened = await browser.open([new URL(base).origin],
    { viewport: { width: 1120, height: 640 }, colorScheme: "light", reducedMotion: "reduce" });
  await opened.page.goto(base, { waitUntil: "load" });
  await opened.page.getByRole("heading", { name: "Sign in" }).waitFor();
  await signIn(opened.page);
  await pick(opened.page, "E-mail");
  await opened.page.locator(".message").first().waitFor();
  await opened.page.screenshot({ path: file });
  opened.assertQuiet();
  await opened.close();
});
