// An API that accepts the issuer's access tokens. Its one route is `GET /orders`.
// It reads ISSUER (with its slash at the end), AUDIENCE, and optionally SCOPE, ACR_VALUES, MAX_AGE,
// ADDRESS and API_URL.

import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { EmbeddedJWK, calculateJwkThumbprint, createRemoteJWKSet, errors, jwtVerify } from "jose";

const { ISSUER: issuer, AUDIENCE: audience, SCOPE: scope = "read:sample" } = process.env;
const { ACR_VALUES: acrValues, MAX_AGE: maxAge } = process.env;
const address = new URL(`http://${process.env.ADDRESS ?? "127.0.0.1:8081"}`);
if (!issuer || !audience) throw new Error("ISSUER and AUDIENCE must be set");

/** The issuer's keys (RFC 8414 3). The metadata is fetched once, and again only after a failure. */
let found;
async function keys() {
  found ??= discover().catch((error) => {
    found = undefined;
    throw error;
  });
  return found;
}

async function discover() {
  const response = await fetch(new URL(".well-known/openid-configuration", issuer), {
    redirect: "error",
    signal: AbortSignal.timeout(5_000),
  });
  if (!response.ok) throw new Error(`the issuer answered ${response.status}`);
  const metadata = await response.json();
  if (metadata.issuer !== issuer) throw new Error("the metadata belongs to another issuer");
  // The keys are cached for an hour. An unknown key id fetches them again at most once a minute,
  // because anyone can invent key ids.
  const limits = { cacheMaxAge: 3_600_000, cooldownDuration: 60_000, timeoutDuration: 5_000 };
  return createRemoteJWKSet(new URL(metadata.jwks_uri), limits);
}

/** Verifies an access token (RFC 9068 4). Gives the claims, or throws an error. */
async function verify(token) {
  const { payload } = await jwtVerify(token, await keys(), {
    issuer,
    audience,
    // An id_token has the same issuer and keys. Only its type differs.
    typ: "at+jwt",
    // The API chooses the algorithms, not the token.
    algorithms: ["RS256", "ES256"],
    requiredClaims: ["exp", "sub", "client_id"],
    clockTolerance: 30,
  });
  return payload;
}

/**
 * Checks that the caller has the key that the token is bound to (RFC 9449 4.3). A proof is good for
 * a minute. An API that must not take a proof twice also remembers `jti` for so long.
 */
async function prove(request, token, thumbprint) {
  const { payload, protectedHeader } = await jwtVerify(request.headers.dpop ?? "", EmbeddedJWK, {
    typ: "dpop+jwt",
    algorithms: proofAlgorithms,
    requiredClaims: ["jti", "htm", "htu", "iat", "ath"],
    maxTokenAge: 60,
    clockTolerance: 60,
  });
  const right =
    payload.htm === request.method &&
    new URL(payload.htu).href.split(/[?#]/)[0] === urlOf(request) &&
    payload.ath === createHash("sha256").update(token).digest("base64url") &&
    (await calculateJwkThumbprint(protectedHeader.jwk)) === thumbprint;
  if (!right) throw new errors.JWTClaimValidationFailed("the proof is not of this request", payload);
}

const proofAlgorithms = ["ES256", "PS256", "RS256", "EdDSA"];

/**
 * The URL that clients use for this API. A gateway may take a front part of its path away. A proof
 * names the URL with this part, and the header `Host` decides nothing.
 */
let apiUrl = process.env.API_URL;
const urlOf = (request) => new URL(apiUrl.replace(/\/+$/, "") + request.url.split("?")[0]).href;

/** Whether the login behind the token is strong and young enough. A machine's token has no login. */
function isEnough({ acr, auth_time }) {
  const strong = acrValues === undefined || acrValues.split(" ").includes(acr);
  const young = maxAge === undefined || Date.now() / 1000 - auth_time <= Number(maxAge) + 30;
  return strong && young;
}

/** What the app repeats to the issuer (RFC 9470 3). */
const demand = Object.entries({ acr_values: acrValues, max_age: maxAge })
  .filter(([, value]) => value !== undefined).map(([name, value]) => `, ${name}="${value}"`).join("");

/** Whether the token is wrong, and the keys were not just out of reach. */
function tokenIsWrong(error) {
  const away = [errors.JWKSTimeout, errors.JWKSInvalid].some((kind) => error instanceof kind);
  return error instanceof errors.JOSEError && !away && error.code !== "ERR_JOSE_GENERIC";
}

/**
 * RFC 6750 3, RFC 9449 7.1: status and challenge. A request without a token gets no error code. A
 * token that is bound to a key comes with the scheme DPoP and a proof, any other token with Bearer.
 */
async function check(request) {
  const [, scheme, token] = /^(bearer|dpop) +(\S+)$/i.exec(request.headers.authorization ?? "") ?? [];
  if (!token) return { status: 401, challenge: "" };
  let claims;
  try {
    claims = await verify(token);
  } catch (error) {
    if (!tokenIsWrong(error)) return { status: 503 };
    return { status: 401, challenge: ', error="invalid_token"' };
  }
  const thumbprint = claims.cnf?.jkt;
  if ((scheme.toLowerCase() === "dpop") !== (claims.cnf !== undefined)) {
    const error = claims.cnf === undefined ? "invalid_token" : "invalid_dpop_proof";
    return { status: 401, challenge: `, error="${error}"`, proves: claims.cnf !== undefined };
  }
  if (claims.cnf !== undefined) {
    try {
      await prove(request, token, thumbprint);
    } catch (error) {
      if (!(error instanceof errors.JOSEError || error instanceof TypeError)) throw error;
      return { status: 401, challenge: ', error="invalid_dpop_proof"', proves: true };
    }
  }
  if (!String(claims.scope ?? "").split(" ").includes(scope)) {
    return { status: 403, challenge: `, error="insufficient_scope", scope="${scope}"` };
  }
  if (!isEnough(claims)) {
    const challenge = `, error="insufficient_user_authentication"${demand}`;
    return { status: 401, challenge, scheme: claims.cnf === undefined ? "Bearer" : "DPoP" };
  }
  return { status: 200, claims };
}

async function answer(request, response) {
  const [path] = request.url.split("?");
  if (request.method !== "GET" || path !== "/orders") return response.writeHead(404).end();
  const { status, challenge, claims, proves, scheme = "Bearer" } = await check(request);
  if (status === 200) {
    const { sub, client_id, scope } = claims;
    response.setHeader("content-type", "application/json");
    return response.end(JSON.stringify({ sub, client_id, scope }));
  }
  if (status === 503) response.setHeader("retry-after", "5");
  else if (proves) {
    response.setHeader("www-authenticate", `DPoP realm="orders"${challenge}, algs="${proofAlgorithms.join(" ")}"`);
  } else response.setHeader("www-authenticate", `${scheme} realm="orders"${challenge}`);
  return response.writeHead(status).end();
}

const server = createServer((request, response) => {
  answer(request, response).catch(() => response.writeHead(500).end());
});
server.listen(Number(address.port || 80), address.hostname, () => {
  apiUrl ??= `http://${address.hostname}:${server.address().port}`;
  console.log(`ready http://${address.hostname}:${server.address().port}`);
});
