// The app's own server. It serves the page, the bundle, and the two answers of an ABP
// backend that the app starts with. For everything about accounts, the app calls the
// login service at another origin.

import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { build } from "esbuild";

export const TENANT = "3a0f2c5e-0000-4000-8000-00000000ac3e";

/** Bundles the app and returns the text. */
export async function bundle() {
  const at = new URL("app.ts", import.meta.url).pathname;
  const built = await build({
    entryPoints: [at], bundle: true, format: "esm", write: false, logLevel: "error",
    tsconfig: new URL("tsconfig.json", import.meta.url).pathname,
  });
  return built.outputFiles[0].text;
}

/** `environment.ts` of the template, for the password flow. */
const environment = (issuer, login, own) => ({
  production: false,
  application: { name: "AbpSolution1", baseUrl: own },
  oAuthConfig: { issuer, clientId: "AbpSolution1_App", scope: "offline_access AbpSolution1", responseType: "password" },
  apis: { default: { url: own, rootNamespace: "AbpSolution1" }, AbpAccountPublic: { url: login, rootNamespace: "AbpAccountPublic" } },
});

/** The bearer of the token, as the app's own API would read it. */
function userOf(header) {
  const token = /^Bearer [^.]+\.([^.]+)\./.exec(header ?? "");
  if (!token) return { isAuthenticated: false, id: null, userName: null, roles: [] };
  const claims = JSON.parse(Buffer.from(token[1], "base64url"));
  return { isAuthenticated: true, id: claims.sub, userName: claims.preferred_username, roles: [] };
}

const configuration = (request) => ({
  localization: {
    values: {}, resources: {}, languages: [], languagesMap: {}, languageFilesMap: {}, defaultResourceName: null,
    currentCulture: { cultureName: "en", name: "en", displayName: "English", dateTimeFormat: {} },
  },
  auth: { grantedPolicies: {} },
  setting: { values: {} },
  features: { values: {} },
  globalFeatures: { enabledFeatures: [] },
  multiTenancy: { isEnabled: true },
  currentUser: userOf(request.headers.authorization),
  currentTenant: { id: TENANT, name: "acme", isAvailable: true },
  timing: { timeZone: { iana: { timeZoneName: "Europe/Berlin" }, windows: { timeZoneId: null } } },
  clock: { kind: "Utc" },
  objectExtensions: { modules: {}, enums: {} },
  extraProperties: {},
});

/** Serves on a free port of localhost. Returns the origin and a function that stops the server. */
export async function serve(script, issuer, login) {
  const json = (response, body) => response.setHeader("content-type", "application/json").end(JSON.stringify(body));
  let own;
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    if (pathname === "/app.js") return response.setHeader("content-type", "text/javascript").end(script);
    if (pathname === "/api/abp/application-configuration") return json(response, configuration(request));
    if (pathname === "/api/abp/application-localization") return json(response, { resources: {} });
    if (pathname !== "/") return response.writeHead(404).end();
    const page = readFileSync(new URL("page.html", import.meta.url), "utf8");
    const set = JSON.stringify(environment(issuer, login, own)).replaceAll("<", "\\u003c");
    return response.setHeader("content-type", "text/html").end(page.replace("ENVIRONMENT", () => set));
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  own = `http://localhost:${server.address().port}`;
  return { origin: own, end: () => { server.closeAllConnections(); server.close(); } };
}
