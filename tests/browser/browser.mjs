// Chromium, with everything that it complains about collected.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

// Without the last four, Chromium asks for its maker's servers at every start.
const ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync"];

let origin;

export function setDefaultAnswers(base) {
  origin = new URL(base).origin;
}

/** Calls `work` with something that opens pages, and ends the browser whatever happens. */
export async function withBrowser(work) {
  const profile = mkdtempSync(join(tmpdir(), "countersign-browser-"));
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGUMENTS,
    env: { ...process.env, HOME: profile, XDG_CONFIG_HOME: profile },
  });
  try {
    await work({ open: (options) => open(browser, options) });
  } finally {
    await browser.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

async function open(browser, options) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 }, ignoreHTTPSErrors: true,
    permissions: ["clipboard-read", "clipboard-write"], ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const complaints = [];
  const refusals = [];
  page.on("response", (response) => {
    if (response.status() >= 400) refusals.push(response.url());
  });
  page.on("request", (request) => {
    const asked = new URL(request.url());
    if (asked.protocol.startsWith("http") && asked.origin !== origin) complaints.push(`asked ${asked.origin}`);
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    // Chromium reports each refused answer as an error. One that was refused is no fault of the page.
    const refused = message.text().startsWith("Failed to load resource: the server responded with a status of 4")
      && refusals.includes(message.location().url) && !/\/page\//.test(message.location().url);
    if (!refused && ["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  await page.addInitScript(() => document.addEventListener("securitypolicyviolation", (event) =>
    console.error(`policy violated: ${event.violatedDirective} ${event.blockedURI}`)));
  await page.goto(origin, { waitUntil: "load" });
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  return {
    page,
    close: () => context.close(),
    assertQuiet: () => assert.deepEqual(complaints, [], "the browser complained"),
  };
}
