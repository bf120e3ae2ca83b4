// An issuer whose private keys this check has, so that a token can be wrong in exactly
// one respect. Also makes tokens that no key of the issuer signed.

import { createHmac, createPublicKey } from "node:crypto";
import { createServer } from "node:http";
import { createRequire } from "node:module";

// The example's own copy of the package.
const example = createRequire(new URL("../../examples/protected-api-js/package.json", import.meta.url));
export const jose = await import(example.resolve("jose"));

const encode = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** A token from its parts. `signature` makes the third part from the first two. */
export function assembled(header, claims, signature) {
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${signature(signed)}`;
}

/** Named tokens whose HMAC key is something public of this key. */
export function underPublicKey(jwk, header, claims) {
  const key = createPublicKey({ key: jwk, format: "jwk" });
  const pem = (type) => key.export({ type, format: "pem" });
  const secrets = {
    "its PEM": pem("spki"),
    "its PEM without the last line end": pem("spki").trimEnd(),
    "its PKCS#1 PEM": pem("pkcs1"),
    "its DER": key.export({ type: "spki", format: "der" }),
    "its n as text": jwk.n,
    "its n as bytes": Buffer.from(jwk.n, "base64url"),
    "its JWK": JSON.stringify(jwk),
  };
  return Object.entries(secrets).map(([name, secret]) => {
    const hmac = (signed) => createHmac("sha256", secret).update(signed).digest("base64url");
    return [name, assembled({ ...header, alg: "HS256" }, claims, hmac)];
  });
}

/** A new RSA key pair. */
export const newKey = () => jose.generateKeyPair("RS256", { extractable: true });

/**
 * A running issuer with an RSA key, a P-256 key, and a published symmetric key, which no API
 * may use.
 */
export async function startIssuer(audience) {
  const [rsa, ec] = [await newKey(), await jose.generateKeyPair("ES256", { extractable: true })];
  const secret = Buffer.alloc(32, 7);
  const keys = [
    { ...(await jose.exportJWK(rsa.publicKey)), kid: "rsa" },
    { ...(await jose.exportJWK(ec.publicKey)), kid: "ec" },
    { kty: "oct", k: secret.toString("base64url"), kid: "secret" },
  ];
  const issuer = { fetches: 0, secret };
  const server = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    if (request.url === "/.well-known/jwks.json") {
      issuer.fetches += 1;
      return response.end(JSON.stringify({ keys }));
    }
    // `/other/` has the same metadata, but the metadata names another issuer.
    if (request.url.endsWith("/.well-known/openid-configuration")) {
      return response.end(JSON.stringify({ issuer: issuer.url, jwks_uri: `${issuer.url}.well-known/jwks.json` }));
    }
    return response.writeHead(404).end();
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  issuer.url = `http://127.0.0.1:${server.address().port}/`;
  issuer.end = () => { server.close(); server.closeAllConnections(); };

  /** A valid token with these changes. A claim or header that is `undefined` is left out. */
  issuer.token = async ({ claims = {}, header = {}, key = rsa.privateKey } = {}) => {
    const now = Math.floor(Date.now() / 1000);
    const all = {
      iss: issuer.url, sub: "a user", aud: audience, client_id: "a client", scope: "openid read:sample",
      iat: now, exp: now + 600, jti: "1", ...claims,
    };
    const signer = new jose.SignJWT(all);
    return signer.setProtectedHeader({ alg: "RS256", typ: "at+jwt", kid: "rsa", ...header }).sign(key, { crit: { x: true } });
  };
  /** A token that the RSA key signed with another algorithm. */
  issuer.tokenBy = async (alg) => {
    const key = await jose.importPKCS8(await jose.exportPKCS8(rsa.privateKey), alg);
    return issuer.token({ header: { alg }, key });
  };
  issuer.ecToken = (changes = {}) =>
    issuer.token({ ...changes, header: { alg: "ES256", kid: "ec", ...changes.header }, key: ec.privateKey });
  return issuer;
}
