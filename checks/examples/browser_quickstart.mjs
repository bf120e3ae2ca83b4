// The quickstart for a page in a browser, in Chromium: a sign-in with a code by e-mail and
// with an authenticator app, a refresh and a sign-out. The example names the https address
// of `cargo local` on its usual port; that address alone is replaced.
//
// usage: NODE_EXTRA_CA_CERTS=CERTIFICATE node browser_quickstart.mjs HTTP_URL HTTPS_URL CERTIFICATE

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { withBrowser } from "../browser/browser.mjs";
import { check, codeSentTo, finish, https, nextTotp, USER, waitForNextSend } from "../clients/service.mjs";
import { jose } from "./issuer.mjs";

const APP = "http://localhost:3000";
const folder = new URL("../../examples/quickstarts/browser/", import.meta.url);
const text = (name) => readFileSync(new URL(name, folder), "utf8");
const esbuild = createRequire(new URL("package.json", folder))("esbuild");

/** The program of the example, for this service. */
async function built() {
  const contents = text("main.ts").replaceAll("localhost:8788", () => https.host);
  const { outputFiles } = await esbuild.build({
    stdin: { contents, resolveDir: fileURLToPath(folder), loader: "ts" },
    bundle: true, format: "esm", write: false, logLevel: "error",
  });
  return outputFiles[0].text;
}

/** The example's own server, on both loopback addresses, because `localhost` may mean either. */
async function serve(script) {
  const servers = [];
  for (const host of ["127.0.0.1", "::1"]) {
    const server = createServer((request, response) => {
      const program = request.url === "/built/main.js";
      response.setHeader("content-type", program ? "text/javascript" : "text/html; charset=utf-8");
      response.end(program ? script : text("index.html"));
    });
    await new Promise((resolve, reject) => {
      // A machine without IPv6 has only the first address.
      server.once("error", (error) => (host === "::1" && error.code !== "EADDRINUSE" ? resolve() : reject(error)));
      server.listen(Number(new URL(APP).port), host, resolve);
    });
    servers.push(server);
  }
  return () => servers.forEach((server) => { server.closeAllConnections(); server.close(); });
}

const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
const said = (page, pattern) => page.locator("output").filter({ hasText: pattern }).waitFor();

async function toTheCode(page) {
  await page.goto(APP);
  await said(page, "Not signed in");
  await press(page, "Sign in");
  await page.getByLabel("E-mail or user name").fill(USER.name);
  await page.getByLabel("Password", { exact: true }).fill(USER.password);
  await press(page, "Sign in");
  await page.getByRole("heading", { name: "Enter your code" }).waitFor();
}

async function signedIn(page) {
  await press(page, "Sign in");
  await said(page, `Signed in as Demo User, ${USER.email}`);
  assert.equal(new URL(page.url()).search, "", "the code stays in the address");
}

const claims = {
  async "a password and a code by e-mail sign in"(page) {
    await waitForNextSend();
    await toTheCode(page);
    await page.getByRole("button", { name: /by e-mail/ }).click();
    await page.getByRole("status").getByText(/^We have sent a code to /).waitFor();
    await page.getByLabel(/^Code from the message to /).fill(await codeSentTo(USER.email));
    await signedIn(page);
  },
  async "a password and an authenticator app sign in"(page) {
    await toTheCode(page);
    await page.getByLabel("Code from your authenticator app").fill(await nextTotp(USER.seed));
    await signedIn(page);
  },
  async "after a reload, a sign-in comes back without a password"(page) {
    await toTheCode(page);
    await page.getByLabel("Code from your authenticator app").fill(await nextTotp(USER.seed));
    await signedIn(page);
    await page.reload();
    await said(page, "Not signed in");
    await signedIn(page);
  },
  async "a refresh gives a new access token, for the app's audience"(page) {
    await toTheCode(page);
    await page.getByLabel("Code from your authenticator app").fill(await nextTotp(USER.seed));
    await signedIn(page);
    await press(page, "Get a new access token");
    await said(page, /^access token: ey/);
    const token = (await page.locator("output").innerText()).slice("access token: ".length);
    const { aud, client_id } = jose.decodeJwt(token);
    assert.deepEqual([[aud].flat()[0], client_id], [APP, "web"]);
  },
  async "a sign-out ends the browser's session"(page) {
    await toTheCode(page);
    await page.getByLabel("Code from your authenticator app").fill(await nextTotp(USER.seed));
    await signedIn(page);
    await press(page, "Sign out");
    await page.waitForURL(`${APP}/bye`);
    await said(page, "Not signed in");
    await press(page, "Sign in");
    await page.getByLabel("Password", { exact: true }).waitFor();
  },
};

const stop = await serve(await built());
try {
  await withBrowser(async ({ open }) => {
    for (const [claim, holds] of Object.entries(claims)) {
      const { page, close, assertQuiet } = await open([APP, https.origin]);
      await check(claim, async () => {
        await holds(page);
        assertQuiet();
      });
      await close();
    }
  });
} finally {
  stop();
  finish();
}
