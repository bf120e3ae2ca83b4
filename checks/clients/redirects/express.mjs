// The package express-openid-connect, unmodified: a server behind a browser. A person with
// cookies walks the login with a second factor, the callback, the profile, a refresh, the
// calls of an API and the sign-out. The service is spoken to over https.
//
// usage: NODE_EXTRA_CA_CERTS=CERTIFICATE node express.mjs HTTP_URL HTTPS_URL CERTIFICATE

import assert from "node:assert/strict";
import express from "express";
import openid from "express-openid-connect";
import { ABP_USER, AUDIENCE, check, finish, https, operate, PLAIN_USER, USER } from "../service.mjs";
import { addClient, Person, serve } from "./person.mjs";

const { auth, requiresAuth, claimIncludes } = openid;
const SCOPE = "openid profile email offline_access read:sample";

console.log("express-openid-connect");

/** A server with these options of the package. Returns its address. */
async function app(id, options = {}, ...more) {
  const server = express();
  const { port, close } = await serve(server);
  const baseURL = `http://localhost:${port}`;
  const client = await addClient(id, "web-server", "--redirect-uri", `${baseURL}/callback`, "--logout-uri", baseURL,
    "--logout-uri", `${baseURL}/bye`, "--scope", "read:sample", "--scope", "offline_access", ...more);
  const { authorizationParams, ...others } = options;
  server.use(auth({
    issuerBaseURL: https.href, baseURL, clientID: client.id, clientSecret: client.secret, authRequired: false,
    idpLogout: true, secret: "a long text that only this server has", routes: { postLogoutRedirect: baseURL },
    authorizationParams: { response_type: "code", audience: AUDIENCE, scope: SCOPE, ...authorizationParams },
    ...others,
  }));
  server.get("/", (request, response) => response.send(request.oidc.isAuthenticated() ? "signed in" : "signed out"));
  server.get("/bye", (_, response) => response.send("bye"));
  server.get("/profile", requiresAuth(), async (request, response) =>
    response.send({ ...request.oidc.user, fetched: await request.oidc.fetchUserInfo() }));
  server.get("/strong", claimIncludes("amr", "mfa"), (_, response) => response.send("strong"));
  server.get("/token", requiresAuth(), async (request, response) => {
    const before = request.oidc.accessToken;
    const after = request.query.refresh ? await before.refresh() : before;
    response.send({ token: after.access_token, type: after.token_type, expired: after.isExpired(), old: before.access_token });
  });
  server.use((error, _request, response, _next) => response.status(error.status ?? 500).send({
    message: error.message, error: error.error, error_description: error.error_description,
  }));
  return { baseURL, close, client };
}

/** Opens a page of the app, which leads to the login, and signs in. Ends at a page of the app. */
async function signIn(person, url, baseURL) {
  const back = await person.signIn(url, { stop: `${baseURL}/callback` });
  return back.html ? person.submit(back, {}) : person.open(back.url);
}

const body = (page) => JSON.parse(page.html);

const plain = await app("express");
const strict = await app("express-strict", {
  pushedAuthorizationRequests: true, clientAuthMethod: "client_secret_basic",
  authorizationParams: { response_mode: "form_post", acr_values: "aal2", max_age: 600 },
});

await check("a page that wants a login leads to the pages, and back after password and second factor", async () => {
  const person = new Person(USER);
  assert.equal((await person.open(plain.baseURL)).html, "signed out");
  const page = await signIn(person, `${plain.baseURL}/profile`, plain.baseURL);
  assert.equal(page.url.href, `${plain.baseURL}/profile`);
  const { email, email_verified, amr, acr, fetched } = body(page);
  assert.deepEqual([email, email_verified, acr, fetched.email], [USER.email, true, "aal2", USER.email]);
  assert.ok(amr.includes("mfa"));
  assert.equal((await person.open(`${plain.baseURL}/strong`)).html, "strong");
});

await check("a login without a second factor does not open what demands one", async () => {
  const person = new Person(PLAIN_USER);
  await signIn(person, `${plain.baseURL}/login`, plain.baseURL);
  assert.equal((await person.open(plain.baseURL)).html, "signed in");
  // The package asks for a login again, each time.
  const asked = await person.open(`${plain.baseURL}/strong`, { stop: https.href });
  assert.equal(asked.url.pathname, "/authorize");
});

await check("the server refreshes an access token that the API takes", async () => {
  const person = new Person(PLAIN_USER);
  await signIn(person, `${plain.baseURL}/login`, plain.baseURL);
  const { token, type, expired, old } = body(await person.open(`${plain.baseURL}/token?refresh=yes`));
  assert.deepEqual([type.toLowerCase(), expired, token === old], ["bearer", false, false]);
  const shown = await fetch(new URL("/userinfo", https), { headers: { authorization: `Bearer ${token}` } });
  assert.equal((await shown.json()).email, PLAIN_USER.name);
  assert.equal(body(await person.open(`${plain.baseURL}/token`)).token, token);
});

await check("a sign-out ends the session of the app and that of the pages", async () => {
  const person = new Person(PLAIN_USER);
  await signIn(person, `${plain.baseURL}/login`, plain.baseURL);
  // Signed in at the pages, the next login asks for nothing.
  assert.equal((await person.open(`${plain.baseURL}/login`)).html, "signed in");
  const out = await person.open(`${plain.baseURL}/logout`);
  assert.deepEqual([new URL(out.url).origin, out.html], [plain.baseURL, "signed out"]);
  const page = await person.open(`${plain.baseURL}/profile`);
  assert.deepEqual([page.url.origin, person.form(page).fields.has("password")], [https.origin, true]);
});

await check("a pushed request and form_post lead to the second factor and back", async () => {
  const person = new Person(ABP_USER);
  const page = await signIn(person, `${strict.baseURL}/profile`, strict.baseURL);
  assert.deepEqual([page.url.href, body(page).acr], [`${strict.baseURL}/profile`, "aal2"]);
});

await check("a sign-out by the address of Auth0 comes back too", async () => {
  const own = await app("express-auth0-logout", { auth0Logout: true });
  const person = new Person(PLAIN_USER);
  await signIn(person, `${own.baseURL}/login`, own.baseURL);
  assert.equal((await person.open(`${own.baseURL}/logout`)).html, "signed out");
  const page = await person.open(`${own.baseURL}/profile`);
  assert.ok(person.form(page).fields.has("password"));
  own.close();
});

await check("a silent login signs in who is signed in at the pages, and shows no page to who is not", async () => {
  const own = await app("express-silent", { attemptSilentLogin: true, errorOnRequiredAuth: true });
  const person = new Person(PLAIN_USER);
  const options = { headers: { accept: "text/html" } };
  assert.equal((await person.open(own.baseURL, options)).html, "signed out");
  const other = new Person(PLAIN_USER);
  await signIn(other, `${plain.baseURL}/login`, plain.baseURL);
  assert.equal((await other.open(own.baseURL, options)).html, "signed in");
  own.close();
});

await check("a callback with a forged state, a code that was used or an error opens nothing", async () => {
  const person = new Person(PLAIN_USER);
  const { url } = await person.signIn(`${plain.baseURL}/login`, { stop: `${plain.baseURL}/callback` });
  const stranger = await new Person(USER).open(url);
  assert.equal(stranger.status, 400);
  const forged = new URL(url);
  forged.searchParams.set("iss", "https://other.example/");
  assert.equal((await person.open(forged)).status, 400);
  assert.equal((await person.open(plain.baseURL)).html, "signed out");
});

await check("a session that the operator ends is over at the next refresh", async () => {
  const person = new Person(PLAIN_USER);
  await signIn(person, `${plain.baseURL}/login`, plain.baseURL);
  await operate("user", "sign-out", PLAIN_USER.name);
  const page = await person.open(`${plain.baseURL}/token?refresh=yes`);
  assert.ok(page.status >= 400, page.html);
});

await check("the implicit flow, which is the package's default, signs in a client that has the grant", async () => {
  const asked = { authorizationParams: { response_type: "id_token", response_mode: "form_post" } };
  const without = await app("express-no-implicit", asked);
  const person = new Person(PLAIN_USER);
  const page = await person.open(`${without.baseURL}/login`);
  const { action, fields } = person.form(page);
  assert.deepEqual([action.href, fields.get("error")], [`${without.baseURL}/callback`, "unauthorized_client"]);
  assert.equal((await person.submit(page, {})).status, 400);
  without.close();
  const grants = ["authorization_code", "refresh_token", "implicit"].flatMap((grant) => ["--grant", grant]);
  const own = await app("express-implicit", asked, ...grants);
  const owner = new Person(PLAIN_USER);
  await signIn(owner, `${own.baseURL}/login`, own.baseURL);
  assert.equal((await owner.open(own.baseURL)).html, "signed in");
  own.close();
});

plain.close();
strict.close();
finish();
