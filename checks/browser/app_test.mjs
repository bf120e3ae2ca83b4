// Runs the Playwright test that docs/testing-your-app.md shows, as the paper writes it.
//
//   node app_test.mjs <base URL>

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const [base] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const paper = readFileSync(join(here, "../../docs/testing-your-app.md"), "utf8");
const [, shown] = paper.match(/<!-- run by: checks\/browser\/app_test\.mjs -->\n```js\n(.*?)\n```\n/s);

// Beside node_modules, because the test imports a package.
const folder = join(here, "app-test");
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "login.spec.mjs"), shown);
writeFileSync(join(folder, "playwright.config.mjs"), `export default {
  reporter: "list", workers: 1, retries: 0, outputDir: "results",
  use: { launchOptions: { executablePath: ${JSON.stringify(process.env.CHROMIUM ?? "/usr/bin/chromium")},
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] } },
};
`);
try {
  execFileSync(process.execPath, [join(here, "node_modules/@playwright/test/cli.js"), "test"],
    { cwd: folder, stdio: "inherit", env: { ...process.env, COUNTERSIGN_LOCAL: base.replace(/\/$/, "") } });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
