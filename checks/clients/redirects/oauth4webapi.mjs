// The package oauth4webapi, unmodified, over https with nothing relaxed: discovery, PAR,
// DPoP, PKCE, `iss` in the answer, signatures checked against `jwks_uri`, introspection,
// revocation and client credentials. A person walks the pages by plain requests.
//
// usage: NODE_EXTRA_CA_CERTS=CERTIFICATE node oauth4webapi.mjs HTTP_URL HTTPS_URL CERTIFICATE

import assert from "node:assert/strict";
import { generateProof } from "dpop";
import * as oauth from "oauth4webapi";
import { AUDIENCE, check, finish, https, nextTotp, PLAIN_USER, thrownBy, USER } from "../service.mjs";
import { addClient, addWebClient, assertAnswer, CALLBACK, Person } from "./person.mjs";

console.log("oauth4webapi");

const SCOPE = "openid profile email offline_access read:sample";
const MFA = "http://schemas.openid.net/pape/policies/2007/06/multi-factor";
const metadata = await oauth.processDiscoveryResponse(https, await oauth.discoveryRequest(https));
const web = await addWebClient("strict-web", "web-server", "--audience", "{issuer}me/");
const page = await addWebClient("strict-page", "browser");
const machine = await addClient("strict-machine", "machine", "--scope", "read:sample");
const confidential = { client: { client_id: web.id }, auth: oauth.ClientSecretBasic(web.secret) };
const open = { client: { client_id: page.id }, auth: oauth.None() };

/** A request for a code. `answer` is what the callback gets. */
async function authorize({ client, auth }, user, { pushed = false, DPoP, parameters = {}, as = metadata } = {}) {
  const verifier = oauth.generateRandomCodeVerifier();
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
  let query = new URLSearchParams({
    client_id: client.client_id, redirect_uri: CALLBACK, response_type: "code", scope: SCOPE, state, nonce,
    audience: AUDIENCE, code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256",
    ...parameters,
  });
  if (pushed) {
    const push = () => oauth.pushedAuthorizationRequest(as, client, auth, query, { DPoP });
    const told = await again(DPoP, async () => oauth.processPushedAuthorizationResponse(as, client, await push()));
    assert.ok(told.expires_in > 0);
    query = new URLSearchParams({ client_id: client.client_id, request_uri: told.request_uri });
  }
  const person = new Person(user);
  const back = await person.signIn(`${as.authorization_endpoint}?${query}`);
  return { person, back, verifier, state, nonce, client, auth, DPoP };
}

/** As a client does that is told a nonce for its proofs. */
async function again(DPoP, work) {
  try {
    return await work();
  } catch (error) {
    if (!DPoP || !oauth.isDPoPNonceError(error)) throw error;
    return work();
  }
}

/** The tokens for the code of an answer. */
async function redeem({ back, verifier, state, nonce, client, auth, DPoP }, more = {}) {
  const parameters = oauth.validateAuthResponse(metadata, client, back.url, state);
  return again(DPoP, async () => {
    const response = await oauth.authorizationCodeGrantRequest(metadata, client, auth, parameters, CALLBACK, verifier, { DPoP });
    const tokens = await oauth.processAuthorizationCodeResponse(metadata, client, response,
      { expectedNonce: nonce, requireIdToken: true, ...more });
    await oauth.validateApplicationLevelSignature(metadata, response);
    return tokens;
  });
}

const userInfo = async (tokens, DPoP) => again(DPoP, async () => {
  const { sub } = oauth.getValidatedIdTokenClaims(tokens);
  const response = await oauth.userInfoRequest(metadata, confidential.client, tokens.access_token, { DPoP });
  return oauth.processUserInfoResponse(metadata, confidential.client, sub, response);
});

await check("the document of discovery names its issuer, and says what this client needs", async () => {
  assert.equal(metadata.authorization_response_iss_parameter_supported, true);
  assert.deepEqual(metadata.code_challenge_methods_supported, ["S256"]);
  for (const name of ["pushed_authorization_request_endpoint", "introspection_endpoint", "end_session_endpoint", "jwks_uri"]) {
    assert.equal(new URL(metadata[name]).origin, https.origin, name);
  }
  const other = await thrownBy(async () =>
    oauth.processDiscoveryResponse(new URL("https://other.example/"), await oauth.discoveryRequest(https)));
  assert.equal(other.code, oauth.JSON_ATTRIBUTE_COMPARISON);
});

for (const [name, who] of [["a client with a secret", confidential], ["a client without a secret", open]]) {
  for (const pushed of [false, true]) {
    await check(`${name} gets tokens for a code, ${pushed ? "from a pushed request" : "with PKCE"}`, async () => {
      const asked = await authorize(who, PLAIN_USER, { pushed });
      assertAnswer(asked.back.url.searchParams, asked.state);
      const tokens = await redeem(asked);
      const claims = oauth.getValidatedIdTokenClaims(tokens);
      assert.deepEqual([claims.nonce, claims.aud, claims.acr], [asked.nonce, who.client.client_id, "aal1"]);
      assert.equal((await userInfo(tokens)).email, PLAIN_USER.name);
    });
  }
}

await check("an answer of another issuer, without an issuer, or with another state is refused by the client", async () => {
  const { back, state, client } = await authorize(open, PLAIN_USER);
  for (const change of [(url) => url.searchParams.set("iss", "https://other.example/"), (url) => url.searchParams.delete("iss"),
    (url) => url.searchParams.set("state", "another")]) {
    const url = new URL(back.url);
    change(url);
    assert.throws(() => oauth.validateAuthResponse(metadata, client, url, state), oauth.OperationProcessingError);
  }
});

await check("a code is good once, for its verifier, and a second use ends its tokens", async () => {
  const stolen = await authorize(open, PLAIN_USER);
  const refused = await thrownBy(() => redeem({ ...stolen, verifier: oauth.generateRandomCodeVerifier() }));
  assert.deepEqual([refused.status, refused.error], [403, "invalid_grant"]);
  const asked = await authorize(open, PLAIN_USER);
  const tokens = await redeem(asked);
  assert.equal((await thrownBy(() => redeem(asked))).error, "invalid_grant");
  const ended = await thrownBy(() => userInfo(tokens));
  assert.ok(ended instanceof oauth.WWWAuthenticateChallengeError, ended.message);
});

await check("a second factor is in acr and amr, and auth_time is checked against max_age", async () => {
  const parameters = { acr_values: MFA, max_age: "600" };
  const asked = await authorize(confidential, USER, { pushed: true, parameters });
  const claims = oauth.getValidatedIdTokenClaims(await redeem(asked, { maxAge: 600 }));
  assert.equal(claims.acr, MFA);
  assert.ok(claims.amr.includes("mfa"));
});

await check("DPoP binds the pushed request, the tokens, the refresh and userinfo to one key", async () => {
  const pair = await oauth.generateKeyPair("ES256");
  const DPoP = oauth.DPoP(open.client, pair);
  const asked = await authorize(open, PLAIN_USER, { pushed: true, DPoP });
  const thief = oauth.DPoP(open.client, await oauth.generateKeyPair("ES256"));
  const stolen = await thrownBy(() => redeem({ ...asked, DPoP: thief }));
  assert.ok(["invalid_grant", "invalid_dpop_proof"].includes(stolen.error), stolen.message);
  const bound = await authorize(open, PLAIN_USER, { pushed: true, DPoP });
  const tokens = await redeem(bound);
  assert.equal(tokens.token_type, "dpop");
  assert.equal((await userInfo(tokens, DPoP)).email, PLAIN_USER.name);
  const refresh = (proof) => again(proof, async () => oauth.processRefreshTokenResponse(metadata, open.client,
    await oauth.refreshTokenGrantRequest(metadata, open.client, open.auth, tokens.refresh_token, { DPoP: proof })));
  assert.equal((await thrownBy(() => refresh(thief))).error, "invalid_grant");
  assert.equal((await refresh(DPoP)).token_type, "dpop");
  const headers = new Headers({ authorization: `DPoP ${tokens.access_token}` });
  const shown = () => oauth.validateJwtAccessToken(metadata, new Request(AUDIENCE, { headers }), AUDIENCE);
  await assert.rejects(shown(), oauth.OperationProcessingError);
  headers.set("DPoP", await generateProof(pair, AUDIENCE, "GET", undefined, tokens.access_token));
  assert.equal((await shown()).cnf.jkt, await DPoP.calculateThumbprint());
});

await check("another client cannot use a pushed request", async () => {
  const person = new Person(PLAIN_USER);
  const body = new URLSearchParams({
    client_id: web.id, redirect_uri: CALLBACK, response_type: "code", scope: "openid", state: "s",
    code_challenge: await oauth.calculatePKCECodeChallenge(oauth.generateRandomCodeVerifier()), code_challenge_method: "S256",
  });
  const pushed = await oauth.processPushedAuthorizationResponse(metadata, confidential.client,
    await oauth.pushedAuthorizationRequest(metadata, confidential.client, confidential.auth, body));
  const query = new URLSearchParams({ client_id: page.id, request_uri: pushed.request_uri });
  const shown = await person.open(`${metadata.authorization_endpoint}?${query}`, { stop: CALLBACK });
  assert.ok(shown.html && shown.status >= 400, `${shown.status} ${shown.url}`);
});

await check("an access token is one that an API of RFC 9068 takes, for its own audience", async () => {
  const tokens = await redeem(await authorize(confidential, PLAIN_USER));
  const request = new Request(AUDIENCE, { headers: { authorization: `Bearer ${tokens.access_token}` } });
  const claims = await oauth.validateJwtAccessToken(metadata, request, AUDIENCE);
  assert.deepEqual([claims.client_id, claims.scope.split(" ").includes("read:sample")], [web.id, true]);
  await assert.rejects(oauth.validateJwtAccessToken(metadata, request, "https://other.example/"), oauth.OperationProcessingError);
});

await check("introspection tells a live token from one that was revoked", async () => {
  const tokens = await redeem(await authorize(confidential, PLAIN_USER));
  const introspect = async (token) => oauth.processIntrospectionResponse(metadata, confidential.client,
    await oauth.introspectionRequest(metadata, confidential.client, confidential.auth, token));
  const told = await introspect(tokens.access_token);
  assert.deepEqual([told.active, told.client_id, told.iss], [true, web.id, https.href]);
  assert.equal((await introspect(tokens.refresh_token)).active, true);
  await oauth.processRevocationResponse(
    await oauth.revocationRequest(metadata, confidential.client, confidential.auth, tokens.refresh_token));
  for (const token of [tokens.access_token, tokens.refresh_token, "unknown"]) {
    assert.deepEqual(await introspect(token), { active: false });
  }
});

const app = await addClient("strict-app", "mobile", "--first-party", "true", "--grant", "authorization_code",
  "--grant", "refresh_token", "--scope", "offline_access");
const native = { client: { client_id: app.id }, auth: oauth.None() };

/** A step of a login without a browser. This library knows the endpoint only from discovery. */
async function step(fields, pair, nonce) {
  const url = metadata.authorization_challenge_endpoint;
  const headers = pair ? { dpop: await generateProof(pair, url, "POST", nonce) } : {};
  const answer = await fetch(url, { method: "POST", headers, body: new URLSearchParams({ client_id: app.id, ...fields }) });
  const body = await answer.json();
  return body.error === "use_dpop_nonce" ? step(fields, pair, answer.headers.get("dpop-nonce")) : { status: answer.status, body };
}

/** The tokens for the code of a login without a browser: without a redirect URI, by section 6 of the draft. */
const exchange = (code, verifier, nonce, DPoP) => again(DPoP, async () => {
  const fields = new URLSearchParams({ code, code_verifier: verifier });
  const response = await oauth.genericTokenEndpointRequest(metadata, native.client, native.auth, "authorization_code", fields, { DPoP });
  const tokens = await oauth.processAuthorizationCodeResponse(metadata, native.client, response, { expectedNonce: nonce, requireIdToken: true });
  await oauth.validateApplicationLevelSignature(metadata, response);
  return tokens;
});

for (const bound of [false, true]) {
  await check(`a login without a browser ends in a code that ${bound ? "only the key of its first step" : "its verifier"} redeems`, async () => {
    const pair = bound ? await oauth.generateKeyPair("ES256") : undefined;
    const DPoP = pair && oauth.DPoP(native.client, pair);
    const [verifier, nonce] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomNonce()];
    const asked = await step({
      response_type: "code", scope: SCOPE.replace(" read:sample", ""), nonce, username: USER.name, password: USER.password,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256",
    }, pair);
    assert.deepEqual([asked.status, asked.body.error], [403, "insufficient_authorization"]);
    const { auth_session } = asked.body;
    const told = await step({ auth_session, otp: await nextTotp(USER.seed) }, pair);
    assert.equal(told.status, 200, JSON.stringify(told.body));
    const code = told.body.authorization_code;
    const thief = await thrownBy(async () => bound
      ? exchange(code, verifier, nonce, oauth.DPoP(native.client, await oauth.generateKeyPair("ES256")))
      : exchange(code, oauth.generateRandomCodeVerifier(), nonce));
    assert.ok(["invalid_grant", "invalid_dpop_proof"].includes(thief.error), thief.message);
    const tokens = await exchange(code, verifier, nonce, DPoP);
    assert.equal(tokens.token_type, bound ? "dpop" : "bearer");
    const claims = oauth.getValidatedIdTokenClaims(tokens);
    assert.deepEqual([claims.acr, claims.aud], ["aal2", app.id]);
    assert.equal((await thrownBy(() => exchange(code, verifier, nonce, DPoP))).error, "invalid_grant");
  });
}

await check("a machine gets a token by client credentials, bound to its key if it asks so", async () => {
  const [client, auth] = [{ client_id: machine.id }, oauth.ClientSecretBasic(machine.secret)];
  const ask = (DPoP, parameters = {}) => again(DPoP, async () => oauth.processClientCredentialsResponse(metadata, client,
    await oauth.clientCredentialsGrantRequest(metadata, client, auth, parameters, { DPoP })));
  const bearer = await ask();
  assert.deepEqual([bearer.token_type, bearer.scope, bearer.refresh_token], ["bearer", "read:sample", undefined]);
  assert.equal((await ask(oauth.DPoP(client, await oauth.generateKeyPair("ES256")))).token_type, "dpop");
  const refused = await thrownBy(() => ask(undefined, { scope: "openid" }));
  assert.deepEqual([refused.status, refused.error], [400, "invalid_scope"]);
});

finish();
