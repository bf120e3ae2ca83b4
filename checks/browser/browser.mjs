// Starts Chromium and collects all its errors and warnings.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

// Without the last four options, Chromium contacts Google's servers at every start.
const ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/**
 * Calls `work` with a function that opens pages, and always closes the browser at the end.
 * `more` are further arguments for Chromium.
 */
export async function withBrowser(work, more = []) {
  const profile = mkdtempSync(join(tmpdir(), "countersign-browser-"));
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: [...ARGUMENTS, ...more],
    env: { ...process.env, HOME: profile, XDG_CONFIG_HOME: profile },
  });
  try {
    await work({ open: (origins, options) => open(browser, origins, options) });
  } finally {
    await browser.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

/** An empty page in a context of its own. It may send requests only to these origins. */
async function open(browser, origins, options) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 }, ignoreHTTPSErrors: true, ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const complaints = [];
  const refusals = [];
  page.on("response", (response) => {
    if (response.status() >= 400) refusals.push(response.url());
  });
  page.on("request", (request) => {
    const asked = new URL(request.url());
    if (asked.protocol.startsWith("http") && !origins.includes(asked.origin)) complaints.push(`asked ${asked.origin}`);
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    // Chromium reports each refused request as an error, but a refusal is not a fault
    // of the page.
    const refused = message.text().startsWith("Failed to load resource: the server responded with a status of 4")
      && refusals.includes(message.location().url) && !/\/page\//.test(message.location().url);
    if (!refused && ["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  await page.addInitScript(() => document.addEventListener("securitypolicyviolation", (event) =>
    console.error(`policy violated: ${event.violatedDirective} ${event.blockedURI}`)));
  return {
    page,
    close: () => context.close(),
    assertQuiet: () => assert.deepEqual(complaints, [], "the browser complained"),
  };
}
