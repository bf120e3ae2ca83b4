// openid-client, unmodified, over https: whole logins with every factor in Auth0's and
// in ABP's dialect, refresh, revocation, and the errors that an app gets.
//
// usage: NODE_EXTRA_CA_CERTS=CERTIFICATE node openid_client.mjs HTTP_URL HTTPS_URL CERTIFICATE

import assert from "node:assert/strict";
import * as client from "openid-client";
import { abp } from "./openid_client_abp.mjs";
import { auth0 } from "./openid_client_auth0.mjs";
import { check, finish, https, PLAIN_USER } from "./service.mjs";

console.log("openid-client: discovery");

for (const algorithm of ["oidc", "oauth2"]) {
  await check(`it finds the service by its issuer (${algorithm})`, async () => {
    const found = await client.discovery(https, "demo-server", "demo-secret", undefined, { algorithm });
    const metadata = found.serverMetadata();
    assert.equal(metadata.issuer, https.href);
    assert.equal(metadata.token_endpoint, `${https}oauth/token`);
    assert.equal(metadata.userinfo_endpoint, `${https}userinfo`);
    assert.equal(metadata.revocation_endpoint, `${https}oauth/revoke`);
  });
}

for (const [name, id, method] of [
  ["its secret in the body", "demo-server", client.ClientSecretPost("demo-secret")],
  ["its secret in a header", "demo-server", client.ClientSecretBasic("demo-secret")],
  ["no secret", "demo", client.None()],
]) {
  await check(`a client with ${name} gets tokens, and the id token's signature is good`, async () => {
    const found = await client.discovery(https, id, undefined, method);
    client.enableNonRepudiationChecks(found);
    const { name: username, password } = PLAIN_USER;
    const tokens = await client.genericGrantRequest(found, "password", { username, password, scope: "openid" });
    assert.deepEqual([tokens.claims().aud, tokens.claims().iss], [id, https.href]);
  });
}

try {
  await auth0();
  await abp();
} finally {
  finish();
}
