// The app of a check: a page with one library at an origin of its own, served over https
// with the service's certificate for `localhost`, because browsers send the session's
// cookie into a frame only if app and service are of one site. The same page is at an
// origin that no client lists.
//
// usage: NODE_EXTRA_CA_CERTS=CERTIFICATE node SCRIPT HTTP_URL HTTPS_URL CERTIFICATE

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { withBrowser } from "../browser/browser.mjs";
import { check, finish, https, nextTotp, operate, PLAIN_USER, USER } from "../clients/service.mjs";

export const API = "https://api.example.com/";
export const SCOPE = "openid profile email read:sample";
const UNLISTED = "unlisted.example";

const [, , certificate] = process.argv.slice(2);
const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>App</title>
<link rel="icon" href="data:,"><body><app-root></app-root><script type="module" src="/app.js"></script></html>`;

/** The page for frames of a silent renewal, as angular-oauth2-oidc documents it. */
const SILENT = `<!doctype html><script>
parent.postMessage(location.hash || "#" + location.search, location.origin);
</script>`;

/** Makes a client of an app in a browser, which may come back to `/` and to `/bye`. */
export async function addClient(id, origin, ...more) {
  await operate("client", "add", id, "--for", "browser", "--audience", API,
    "--scope", "read:sample", "--scope", "offline_access",
    "--redirect-uri", `${origin}/`, "--logout-uri", `${origin}/bye`, ...more);
}

async function bundled(file) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(file, import.meta.url))], bundle: true, format: "esm", write: false,
    minify: true, keepNames: true, logLevel: "error", define: { "process.env.NODE_ENV": '"production"' },
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true, useDefineForClassFields: false } },
  });
  return outputFiles[0].text;
}

/** Serves the page with the program of `file`. `api` answers `/orders`. */
async function serve(file, api) {
  const script = await bundled(file);
  const pair = dirname(certificate);
  const keys = { key: readFileSync(join(pair, "server.key")), cert: readFileSync(join(pair, "server.pem")) };
  const server = createServer(keys, (request, response) => {
    const { pathname } = new URL(request.url, https);
    if (pathname === "/orders") return api(request, response);
    const program = pathname === "/app.js";
    response.setHeader("content-type", program ? "text/javascript" : "text/html; charset=utf-8");
    return response.end(program ? script : pathname === "/silent" ? SILENT : PAGE);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address();
  return { port, stop: () => { server.close(); server.closeAllConnections(); } };
}

/**
 * Calls `work` with the app and a browser. `visit` opens a page of the app in a browser context
 * of its own.
 */
export async function withApp(file, work, api) {
  const { port, stop } = await serve(file, api);
  const origin = `https://localhost:${port}`;
  const unlisted = `https://${UNLISTED}:${port}`;
  // The name leads to this machine, and no name server is asked.
  const names = `--host-resolver-rules=MAP ${UNLISTED} 127.0.0.1`;
  try {
    await withBrowser(async ({ open }) => {
      await work({ origin, unlisted, visit: (options, at = origin) => visit(open, [origin, unlisted], options, at) });
    }, [names]);
  } finally {
    stop();
    finish();
  }
}

/** A page of the app in a new context, with the library set up by `options`. */
async function visit(open, origins, options, at) {
  const opened = await open([...origins, https.origin]);
  const { page } = opened;
  /** What the service answered, in order, without preflights. */
  const answers = [];
  page.context().on("response", (response) => {
    const request = response.request();
    if (request.method() === "OPTIONS" || !request.url().startsWith(https.href)) return;
    answers.push({ request, response, url: new URL(request.url()), status: response.status() });
  });
  const app = {
    ...opened,
    answers,
    /** The answers of a path. */
    to: (path) => answers.filter(({ url }) => url.pathname === path),
    /** Sets the library up with other options, in the same browser. */
    async begin(others) {
      await page.goto(`${at}/blank`);
      await ready(page);
      await page.evaluate((text) => sessionStorage.setItem("options", text), JSON.stringify(others));
      await page.goto(`${at}/`);
      await ready(page);
    },
    /** Calls a method of the library: `{ value }`, or `{ error }` if the method throws. */
    call: (name, ...given) => page.evaluate(([name, given]) => globalThis.call(name, given), [name, given]),
    /** Calls a method that must not throw. */
    async done(name, ...given) {
      const { value, error } = await app.call(name, ...given);
      assert.equal(error, undefined, JSON.stringify(error));
      return value;
    },
    /** Calls a method that leads the page away. */
    leave: (name, ...given) => page.evaluate(([name, given]) => {
      setTimeout(() => globalThis.call(name, given));
    }, [name, given]),
    /** Waits until the page is at this path of the app, and its program has run. */
    async at(path) {
      await page.waitForURL((url) => url.origin === at && url.pathname === path);
      await ready(page);
    },
    async reload() {
      await page.reload();
      await ready(page);
    },
    /** What became of the answer in the address, once the page is back. */
    async back() {
      await app.at("/");
      return page.evaluate(() => globalThis.came);
    },
  };
  await app.begin(options);
  return app;
}

const ready = (page) => page.locator("body[data-ready]").waitFor({ state: "attached" });

const press = (page, name) => page.getByRole("button", { name, exact: true }).click();

/** Enters the password on the service's page. */
export async function enterPassword(page, { name, password }) {
  await page.getByLabel("E-mail or user name").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await press(page, "Sign in");
}

/** Enters the code of the authenticator app. */
export async function enterTotp(page) {
  await page.getByLabel("Code from your authenticator app").fill(await nextTotp(USER.seed));
  await press(page, "Sign in");
}

/** Signs the user with every factor in on the service's pages. */
export async function signIn(page) {
  await enterPassword(page, USER);
  await enterTotp(page);
}

/** Signs the user without a second factor in. */
export const signInPlainly = (page) => enterPassword(page, PLAIN_USER);

/** The claims of a token. */
export const claimsOf = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url"));

/**
 * Checks each claim, or those with the words of the variable ONLY. If a claim gives its app
 * back, its browser must not have complained.
 */
export async function runClaims(claims) {
  for (const [claim, holds] of Object.entries(claims)) {
    if (!claim.includes(process.env.ONLY ?? "")) continue;
    await check(claim, async () => {
      const app = await holds();
      app?.assertQuiet();
      await app?.close();
    });
  }
}
