// Reads signed tokens, and checks whether the service signed them.

function bytes(base64url) {
  const text = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function object(base64url) {
  return JSON.parse(new TextDecoder().decode(bytes(base64url)));
}

/** The header and the claims of a JWT. Reading them proves nothing: see `signedBy`. */
export function decoded(token) {
  const [header, claims] = token.split(".");
  return { header: object(header), claims: object(claims) };
}

const ALGORITHMS = {
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  ES256: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
};

/** Whether the JWT's signature is by the key that its header names in a JWK set. */
export async function signedBy(token, keys) {
  const [header, claims, signature] = token.split(".");
  const { alg, kid } = object(header);
  const jwk = keys.find((key) => key.kid === kid && key.alg === alg);
  const algorithm = ALGORITHMS[alg];
  if (!jwk || !algorithm) return false;
  const key = await crypto.subtle.importKey("jwk", jwk, algorithm, false, ["verify"]);
  const signed = new TextEncoder().encode(`${header}.${claims}`);
  return crypto.subtle.verify(algorithm, key, bytes(signature), signed);
}
