// The key of this browser, and its proofs (DPoP, RFC 9449). A token that is bound to the key
// is worth nothing without it.

import { decoded } from "./jwt.js";

const KEY = { name: "ECDSA", namedCurve: "P-256" };
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" };

let issuer = location.origin;
let nonce;
let pair;

/** What the URLs in proofs begin with. */
export function proofIssuer(given) {
  issuer = given;
}

const answered = (request) => new Promise((resolve, reject) => {
  request.addEventListener("success", () => resolve(request.result));
  request.addEventListener("error", () => reject(request.error));
});

/**
 * The key pair, which outlives a reload. No script can read the private key, not even this
 * one: the browser keeps it, and signs with it.
 */
async function keyPair() {
  const opening = indexedDB.open("countersign");
  opening.addEventListener("upgradeneeded", () => opening.result.createObjectStore("keys"));
  const database = await answered(opening);
  const keys = (mode) => database.transaction("keys", mode).objectStore("keys");
  const known = await answered(keys("readonly").get("dpop"));
  if (known) return known;
  const made = await crypto.subtle.generateKey(KEY, false, ["sign", "verify"]);
  await answered(keys("readwrite").put(made, "dpop"));
  return made;
}

const utf8 = (text) => new TextEncoder().encode(text);

function base64url(bytes) {
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Whether this is an access token that is bound to a key. */
function isBound(token) {
  try {
    return decoded(token).claims.cnf !== undefined;
  } catch {
    return false;
  }
}

/**
 * The request with a proof in `dpop`, if the request wants one (`proof`) or its token is bound
 * to the key.
 */
export async function proven(request) {
  const token = request.bearer && isBound(request.bearer) && request.bearer;
  if (!request.proof && !token) return request;
  pair ??= keyPair();
  const { publicKey, privateKey } = await pair;
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", publicKey);
  const claims = {
    htm: request.method, htu: new URL(request.path, issuer).href, jti: crypto.randomUUID(),
    // The clock of this machine, which the service's clock may have left behind.
    iat: Math.floor(Date.now() / 1000),
    ...(token && { ath: base64url(await crypto.subtle.digest("SHA-256", utf8(token))) }),
    ...(nonce && { nonce }),
  };
  const parts = [{ typ: "dpop+jwt", alg: "ES256", jwk: { kty, crv, x, y } }, claims];
  const text = parts.map((part) => base64url(utf8(JSON.stringify(part)))).join(".");
  const signature = await crypto.subtle.sign(SIGNATURE, privateKey, utf8(text));
  return { ...request, dpop: `${text}.${base64url(signature)}` };
}

/** Keeps the nonce of an answer for the next proof. */
export function keepNonce(headers) {
  nonce = headers.get("dpop-nonce") ?? nonce;
}

/** Whether the service wants the request again, with the nonce of this answer. */
export const wantsNonce = ({ body }) => body?.error === "use_dpop_nonce";
