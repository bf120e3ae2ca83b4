// The package @openid/appauth (AppAuth-JS), unmodified, over https with its parts for
// Node.js: its own server takes the answer on loopback, and a person walks the pages in the
// browser that the package opens.
//
// usage: NODE_EXTRA_CA_CERTS=CERTIFICATE node appauth.mjs HTTP_URL HTTPS_URL CERTIFICATE

import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { register } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { AUDIENCE, check, finish, https, PLAIN_USER, thrownBy, USER } from "../service.mjs";
import { addClient, Person } from "./person.mjs";

// The package imports its own files without `.js`, as a bundler allows. Node.js needs the
// name of the file.
register("data:text/javascript," + encodeURIComponent(`
  export async function resolve(specifier, context, next) {
    try {
      return await next(specifier, context);
    } catch (error) {
      if (!context.parentURL?.includes("/@openid/appauth/") || !specifier.startsWith(".")) throw error;
      return next(specifier + ".js", context).catch(() => next(specifier + "/index.js", context));
    }
  }`));
const appauth = await import("@openid/appauth");
const built = new URL("../node_modules/@openid/appauth/built/src/node_support/", import.meta.url);
const { NodeBasedHandler } = await import(new URL("node_request_handler.js", built));
const { NodeRequestor } = await import(new URL("node_requestor.js", built));
const { NodeCrypto } = await import(new URL("crypto_utils.js", built));
const { AuthorizationRequest, AuthorizationServiceConfiguration, BaseTokenRequestHandler, TokenRequest } = appauth;

console.log("@openid/appauth");

// The package prints each request with its secrets. A claim is printed alone, as one text.
const print = console.log;
console.log = (...said) => {
  if (said.length === 1 && !/^(Checking to see|error$)/.test(said[0])) print(said[0]);
};

const PORT = 3998;
const BACK = `http://localhost:${PORT}/`;
const app = await addClient("appauth", "browser", "--redirect-uri", BACK);
const server = await addClient("appauth-server", "web-server", "--redirect-uri", BACK);

// The package opens the machine's browser. Here, that program only says which address it got.
const folder = mkdtempSync(join(tmpdir(), "countersign-appauth-"));
const opened = join(folder, "opened");
writeFileSync(join(folder, "xdg-open"), `#!/bin/sh\nprintf %s "$1" > '${opened}.part' && mv '${opened}.part' '${opened}'\n`);
chmodSync(join(folder, "xdg-open"), 0o700);
process.env.PATH = `${folder}${delimiter}${process.env.PATH}`;

async function addressInTheBrowser() {
  while (!existsSync(opened)) await new Promise((resolve) => setTimeout(resolve, 20));
  renameSync(opened, `${opened}.read`);
  return readFileSync(`${opened}.read`, "utf8");
}

const requestor = new NodeRequestor();
const tokens = new BaseTokenRequestHandler(requestor);
// The package puts a slash between the issuer and the path.
const configuration = await AuthorizationServiceConfiguration.fetchFromIssuer(https.href.slice(0, -1), requestor);

/** The answer of an authorization request, as the package's listener gets it. */
async function authorize(client, user, extras = {}) {
  const handler = new NodeBasedHandler(PORT);
  const request = new AuthorizationRequest({
    client_id: client.id, redirect_uri: BACK, scope: "openid profile email offline_access",
    response_type: AuthorizationRequest.RESPONSE_TYPE_CODE, state: undefined, extras: { audience: AUDIENCE, ...extras },
  }, new NodeCrypto());
  const answered = new Promise((resolve) => {
    handler.setAuthorizationNotifier(Object.assign(new appauth.AuthorizationNotifier(), {
      onAuthorizationComplete: (_, response, error) => resolve({ request, response, error }),
    }));
  });
  handler.performAuthorizationRequest(configuration, request);
  const address = await addressInTheBrowser();
  const person = new Person(user);
  const open = extras.prompt === "none" ? person.open(address, { stop: BACK }) : person.signIn(address, { stop: BACK });
  // Each request has a server of its own on the port, so no connection is kept.
  const shown = await person.open((await open).url, { headers: { connection: "close" } });
  assert.equal(shown.html, "Close your browser to continue");
  return answered;
}

const redeem = (client, { request, response }, more = {}) => tokens.performTokenRequest(configuration, new TokenRequest({
  client_id: client.id, redirect_uri: BACK, grant_type: appauth.GRANT_TYPE_AUTHORIZATION_CODE, code: response.code,
  refresh_token: undefined,
  extras: { code_verifier: request.internal.code_verifier, ...(client.secret && { client_secret: client.secret }), ...more },
}));

const refresh = (client, refresh_token) => tokens.performTokenRequest(configuration, new TokenRequest({
  client_id: client.id, redirect_uri: BACK, grant_type: appauth.GRANT_TYPE_REFRESH_TOKEN, code: undefined, refresh_token,
  extras: client.secret && { client_secret: client.secret },
}));

const claims = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url"));

await check("its configuration has every endpoint", () => {
  const found = configuration.toJson();
  for (const [name, path] of [["authorization_endpoint", "authorize"], ["token_endpoint", "oauth/token"],
    ["revocation_endpoint", "oauth/revoke"], ["userinfo_endpoint", "userinfo"], ["end_session_endpoint", "oidc/logout"]]) {
    assert.equal(found[name], `${https}${path}`);
  }
});

for (const [name, client, user, acr] of [["an app without a secret", app, PLAIN_USER, "aal1"],
  ["an app without a secret, with a second factor", app, USER, "aal2"], ["a server with a secret", server, PLAIN_USER, "aal1"]]) {
  await check(`${name} gets tokens with PKCE, refreshes and revokes them`, async () => {
    const answer = await authorize(client, user);
    assert.equal(answer.error, null);
    assert.equal(answer.response.state, answer.request.state);
    const got = await redeem(client, answer);
    assert.deepEqual([got.tokenType.toLowerCase(), claims(got.idToken).acr, claims(got.idToken).aud], ["bearer", acr, client.id]);
    assert.ok(got.isValid());
    const after = await refresh(client, got.refreshToken);
    assert.notEqual(after.refreshToken, got.refreshToken);
    assert.equal(claims(after.idToken).sub, claims(got.idToken).sub);
    const revoked = new appauth.RevokeTokenRequest({
      token: after.refreshToken, token_type_hint: "refresh_token", client_id: client.id, client_secret: client.secret,
    });
    assert.equal(await tokens.performRevokeTokenRequest(configuration, revoked), true);
    // The package tells the app the status line alone.
    assert.equal((await thrownBy(() => refresh(client, after.refreshToken))).message, "Forbidden");
  });
}

await check("a code without its verifier is refused", async () => {
  const answer = await authorize(app, PLAIN_USER);
  const error = await thrownBy(() => redeem(app, answer, { code_verifier: "another".repeat(7) }));
  assert.equal(error.message, "Forbidden");
});

await check("an error comes back to the app with its state", async () => {
  const { error, response, request } = await authorize(app, USER, { prompt: "none" });
  assert.equal(response, null);
  assert.deepEqual([error.error, error.state], ["login_required", request.state]);
});

rmSync(folder, { recursive: true });
finish();
