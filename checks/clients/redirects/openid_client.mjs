// openid-client, unmodified, over https with its strictest settings: signatures are checked
// against `jwks_uri`, requests are pushed, tokens are bound to a key, and each
// `response_mode` that this client reads is read. A person walks the pages by plain requests.
//
// usage: NODE_EXTRA_CA_CERTS=CERTIFICATE node openid_client.mjs HTTP_URL HTTPS_URL CERTIFICATE

import assert from "node:assert/strict";
import * as client from "openid-client";
import { AUDIENCE, check, finish, https, PLAIN_USER, thrownBy, USER } from "../service.mjs";
import { addClient, addWebClient, assertAnswer, CALLBACK, GOODBYE, Person } from "./person.mjs";

console.log("openid-client: the authorization code flow");

const SCOPE = "openid profile email offline_access read:sample";
const web = await addWebClient("web-app");
const page = await addWebClient("page-app", "browser");
const machine = await addClient("machine-app", "machine", "--scope", "read:sample");

async function configured({ id, secret }) {
  const auth = secret ? client.ClientSecretBasic(secret) : client.None();
  const config = await client.discovery(https, id, { require_auth_time: true }, auth);
  client.enableNonRepudiationChecks(config);
  return config;
}

/** The parameters of a request, and the checks of its answer. */
async function request(more = {}) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()];
  const parameters = {
    redirect_uri: CALLBACK, scope: SCOPE, audience: AUDIENCE, state: expectedState, nonce: expectedNonce,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: "S256", ...more,
  };
  return { parameters, checks: { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true } };
}

const [confidential, open] = [await configured(web), await configured(page)];

/** A whole login. `response` makes what the client reads of what the person brings back. */
async function signedIn(config, user, { more, DPoP, pushed = true, response = ({ back }) => back.url, checks = {} } = {}) {
  const asked = await request(more);
  const build = pushed ? client.buildAuthorizationUrlWithPAR : client.buildAuthorizationUrl;
  const url = await build(config, asked.parameters, { DPoP });
  if (pushed) assert.deepEqual([...url.searchParams.keys()].toSorted(), ["client_id", "request_uri"]);
  const person = new Person(user);
  const back = await person.signIn(url);
  const answer = response({ person, back });
  const tokens = await client.authorizationCodeGrant(config, answer, { ...asked.checks, ...checks }, undefined, { DPoP });
  return { person, back, tokens, state: asked.checks.expectedState };
}

for (const [name, config, id] of [["a secret", confidential, web.id], ["no secret", open, page.id]]) {
  await check(`a client with ${name} pushes its request, and gets tokens, userinfo and a refresh`, async () => {
    const { tokens, back, state } = await signedIn(config, PLAIN_USER);
    assertAnswer(back.url.searchParams, state);
    assert.deepEqual([tokens.claims().aud, tokens.claims().iss, tokens.token_type], [id, https.href, "bearer"]);
    assert.equal((await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)).email, PLAIN_USER.name);
    const after = await client.refreshTokenGrant(config, tokens.refresh_token);
    assert.deepEqual([after.claims().sub, after.claims().auth_time], [tokens.claims().sub, tokens.claims().auth_time]);
  });
}

await check("response_mode form_post brings the answer in the body of a request", async () => {
  const response = ({ person, back }) => person.posted(back);
  const { tokens, back } = await signedIn(confidential, PLAIN_USER, { more: { response_mode: "form_post" }, response });
  assert.equal(back.status, 200);
  assert.equal(new URL(back.url).origin, https.origin);
  assert.ok(tokens.access_token);
});

await check("response_mode query adds the code, the state and the issuer to the redirect URI, and nothing else", async () => {
  const { back } = await signedIn(open, PLAIN_USER, { more: { response_mode: "query" }, pushed: false });
  assert.deepEqual([...back.url.searchParams.keys()].toSorted(), ["code", "iss", "state"]);
});

await check("response_mode fragment puts the answer behind the number sign", async () => {
  // For a code, openid-client reads the query alone, so the app hands the fragment over.
  const response = ({ back }) => {
    assert.equal(back.url.search, "");
    return new URL(`${CALLBACK}?${back.url.hash.slice(1)}`);
  };
  const { back, state } = await signedIn(open, PLAIN_USER, { more: { response_mode: "fragment" }, response });
  assertAnswer(new URLSearchParams(back.url.hash.slice(1)), state);
});

await check("a login is bound to a key from the pushed request on", async () => {
  const DPoP = client.getDPoPHandle(open, await client.randomDPoPKeyPair());
  const { tokens } = await signedIn(open, PLAIN_USER, { DPoP });
  assert.equal(tokens.token_type, "dpop");
  const { sub } = tokens.claims();
  assert.equal((await client.fetchUserInfo(open, tokens.access_token, sub, { DPoP })).sub, sub);
  const thief = client.getDPoPHandle(open, await client.randomDPoPKeyPair());
  await thrownBy(() => client.fetchUserInfo(open, tokens.access_token, sub, { DPoP: thief }));
  await thrownBy(() => client.fetchUserInfo(open, tokens.access_token, sub));
  await thrownBy(() => client.refreshTokenGrant(open, tokens.refresh_token, {}, { DPoP: thief }));
  assert.equal((await client.refreshTokenGrant(open, tokens.refresh_token, {}, { DPoP })).token_type, "dpop");
  const other = await request();
  const url = await client.buildAuthorizationUrlWithPAR(open, other.parameters, { DPoP });
  const back = await new Person(PLAIN_USER).signIn(url);
  const error = await thrownBy(() => client.authorizationCodeGrant(open, back.url, other.checks, undefined, { DPoP: thief }));
  assert.ok(["invalid_grant", "invalid_dpop_proof"].includes(error.error), error.message);
});

await check("a second factor, max_age and prompt are honoured, and prompt=none needs a session", async () => {
  const more = { acr_values: "aal2", max_age: "60" };
  const { person, tokens } = await signedIn(confidential, USER, { more, checks: { maxAge: 60 } });
  assert.deepEqual([tokens.claims().acr, tokens.claims().amr.includes("mfa")], ["aal2", true]);
  const silent = await request({ prompt: "none" });
  const url = client.buildAuthorizationUrl(confidential, silent.parameters);
  const again = await person.open(url, { stop: CALLBACK });
  const renewed = await client.authorizationCodeGrant(confidential, again.url, silent.checks);
  assert.deepEqual([renewed.claims().sub, renewed.claims().auth_time], [tokens.claims().sub, tokens.claims().auth_time]);
  const stranger = await new Person(USER).open(url, { stop: CALLBACK });
  const error = await thrownBy(() => client.authorizationCodeGrant(confidential, stranger.url, silent.checks));
  assert.ok(error instanceof client.AuthorizationResponseError, error.message);
  assert.equal(error.error, "login_required");
  assert.equal(stranger.url.searchParams.get("iss"), https.href);
});

await check("a sign-out that names the user ends the browser's session and comes back with its state", async () => {
  const { person, tokens } = await signedIn(confidential, PLAIN_USER);
  const out = client.buildEndSessionUrl(confidential, {
    id_token_hint: tokens.id_token, post_logout_redirect_uri: GOODBYE, state: "over",
  });
  const gone = await person.open(out, { stop: GOODBYE });
  assert.equal(gone.url.href, `${GOODBYE}?state=over`);
  const silent = await request({ prompt: "none" });
  const after = await person.open(client.buildAuthorizationUrl(confidential, silent.parameters), { stop: CALLBACK });
  assert.equal(after.url.searchParams.get("error"), "login_required");
});

await check("introspection and revocation by a client with a secret", async () => {
  const { tokens } = await signedIn(confidential, PLAIN_USER);
  const told = await client.tokenIntrospection(confidential, tokens.access_token);
  assert.deepEqual([told.active, told.client_id, told.sub], [true, web.id, tokens.claims().sub]);
  await client.tokenRevocation(confidential, tokens.access_token);
  assert.equal((await client.tokenIntrospection(confidential, tokens.access_token)).active, false);
  assert.equal((await client.tokenIntrospection(confidential, tokens.refresh_token)).active, false);
});

await check("a machine gets a token for itself, and no more than its scopes", async () => {
  const config = await configured(machine);
  const token = await client.clientCredentialsGrant(config, { audience: AUDIENCE, scope: "read:sample" });
  assert.deepEqual([token.token_type, token.id_token, token.refresh_token], ["bearer", undefined, undefined]);
  const told = await client.tokenIntrospection(config, token.access_token);
  assert.deepEqual([told.active, told.sub], [true, `${machine.id}@clients`]);
  const error = await thrownBy(() => client.clientCredentialsGrant(config, { scope: "write:sample" }));
  assert.equal(error.error, "invalid_scope");
});

await check("a request that the service refuses comes back as an error with its issuer", async () => {
  const { parameters, checks } = await request({ scope: "openid write:sample" });
  const refused = await thrownBy(() => client.buildAuthorizationUrlWithPAR(open, parameters));
  assert.deepEqual([refused.status, refused.error], [400, "invalid_scope"]);
  const back = await new Person(USER).open(client.buildAuthorizationUrl(open, parameters), { stop: CALLBACK });
  const error = await thrownBy(() => client.authorizationCodeGrant(open, back.url, checks));
  assert.equal(error.error, "invalid_scope");
});

finish();
