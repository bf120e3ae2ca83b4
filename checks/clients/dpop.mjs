// Tokens that are bound to a key (DPoP, RFC 9449), with openid-client and with the package
// dpop, unmodified, over https: logins with a second factor, refresh, userinfo, and a clock
// that is an hour wrong.
//
// usage: NODE_EXTRA_CA_CERTS=CERTIFICATE node dpop.mjs HTTP_URL HTTPS_URL CERTIFICATE

import assert from "node:assert/strict";
import * as dpop from "dpop";
import * as client from "openid-client";
import { advance, AUDIENCE, check, finish, https, nextTotp, PLAIN_USER, USER } from "./service.mjs";
import { refused } from "./refusals.mjs";

const MFA_OTP = "http://auth0.com/oauth/grant-type/mfa-otp";
const SCOPE = "openid profile email offline_access";

const thumbprint = ({ publicKey }) => dpop.calculateThumbprint(publicKey);
const claims = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url"));

console.log("openid-client: DPoP");

for (const algorithm of ["ES256", "PS256", "RS256", "EdDSA"]) {
  await check(`${algorithm}: a login, userinfo and a refresh with proofs, and no refresh without the key`, async () => {
    const config = await client.discovery(https, "demo", undefined, client.None());
    assert.ok(config.serverMetadata().dpop_signing_alg_values_supported.includes(algorithm));
    const pair = await client.randomDPoPKeyPair(algorithm === "EdDSA" ? "Ed25519" : algorithm);
    const remap = (header) => {
      if (header.alg === "Ed25519") header.alg = "EdDSA";
    };
    const DPoP = client.getDPoPHandle(config, pair, { [client.modifyAssertion]: remap });
    const password = { username: PLAIN_USER.name, password: PLAIN_USER.password, audience: AUDIENCE, scope: SCOPE };
    const tokens = await client.genericGrantRequest(config, "password", password, { DPoP });
    assert.equal(tokens.token_type, "dpop");
    assert.deepEqual(claims(tokens.access_token).cnf, { jkt: await DPoP.calculateThumbprint() });
    const user = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub, { DPoP });
    assert.equal(user.email, PLAIN_USER.name);
    const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token, {}, { DPoP });
    assert.equal(refreshed.token_type, "dpop");
    const missing = "The token is bound to a key. Send a DPoP proof of this key.";
    await refused(400, "invalid_dpop_proof", missing, () => client.refreshTokenGrant(config, refreshed.refresh_token));
    const other = client.getDPoPHandle(config, await client.randomDPoPKeyPair());
    const wrong = "The token is bound to another key than that of the DPoP proof.";
    await refused(400, "invalid_grant", wrong, () =>
      client.refreshTokenGrant(config, refreshed.refresh_token, {}, { DPoP: other }));
  });
}

await check("a login with a second factor is bound from its first step", async () => {
  const config = await client.discovery(https, "demo", undefined, client.None());
  const pair = await client.randomDPoPKeyPair();
  const DPoP = client.getDPoPHandle(config, pair);
  const password = { username: USER.name, password: USER.password, audience: AUDIENCE, scope: SCOPE };
  const error = await refused(403, "mfa_required", "Multifactor authentication required", () =>
    client.genericGrantRequest(config, "password", password, { DPoP }));
  const shown = { mfa_token: error.cause.mfa_token, otp: await nextTotp(USER.seed) };
  const missing = "The token is bound to a key. Send a DPoP proof of this key.";
  await refused(400, "invalid_dpop_proof", missing, () => client.genericGrantRequest(config, MFA_OTP, shown));
  const tokens = await client.genericGrantRequest(config, MFA_OTP, shown, { DPoP });
  assert.deepEqual([tokens.token_type, tokens.claims().acr], ["dpop", "aal2"]);
});

for (const [issuer, id] of [["abp/", "AbpSolution1_App"], ["aidbox/", "web"]]) {
  await check(`below ${issuer} the token endpoint of this dialect binds tokens too`, async () => {
    const config = await client.discovery(new URL(issuer, https), id, undefined, client.None());
    const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair());
    const password = { username: PLAIN_USER.name, password: PLAIN_USER.password };
    const tokens = await client.genericGrantRequest(config, "password", password, { DPoP });
    assert.equal(tokens.token_type, "dpop");
  });
}

console.log("dpop");

const at = (path) => new URL(path, https).href;

async function post(path, proof, fields) {
  const response = await fetch(at(path), { method: "POST", headers: { DPoP: proof }, body: new URLSearchParams(fields) });
  return { status: response.status, nonce: response.headers.get("dpop-nonce"), body: await response.json() };
}

await check("its proofs log in and show an access token, with the nonce of the answer before", async () => {
  const pair = await dpop.generateKeyPair("ES256");
  const fields = {
    grant_type: "password", client_id: "demo", username: PLAIN_USER.name, password: PLAIN_USER.password, scope: "openid",
  };
  const first = await post("/oauth/token", await dpop.generateProof(pair, at("/oauth/token"), "POST"), fields);
  assert.equal(first.status, 200, JSON.stringify(first.body));
  assert.equal(claims(first.body.access_token).cnf.jkt, await thumbprint(pair));
  const token = first.body.access_token;
  const proof = await dpop.generateProof(pair, at("/userinfo"), "GET", first.nonce, token);
  const headers = { authorization: `DPoP ${token}`, DPoP: proof };
  const shown = await fetch(at("/userinfo"), { headers });
  assert.equal(shown.status, 200);
  assert.equal((await shown.json()).sub, claims(token).sub);
});

await check("a clock that is an hour wrong works by the nonce", async () => {
  await advance(3600);
  const pair = await dpop.generateKeyPair("ES256");
  const fields = {
    grant_type: "password", client_id: "demo", username: PLAIN_USER.name, password: PLAIN_USER.password, scope: "openid",
  };
  const late = await post("/oauth/token", await dpop.generateProof(pair, at("/oauth/token"), "POST"), fields);
  assert.deepEqual([late.status, late.body.error], [400, "use_dpop_nonce"]);
  const right = await post("/oauth/token", await dpop.generateProof(pair, at("/oauth/token"), "POST", late.nonce), fields);
  assert.equal(right.status, 200, JSON.stringify(right.body));
  const config = await client.discovery(https, "demo", undefined, client.None());
  // openid-client sends the request again by itself.
  const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair());
  const password = { username: PLAIN_USER.name, password: PLAIN_USER.password, audience: AUDIENCE, scope: SCOPE };
  const tokens = await client.genericGrantRequest(config, "password", password, { DPoP });
  assert.equal(tokens.token_type, "dpop");
});

finish();
