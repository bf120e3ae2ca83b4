// The secret of a request for an authorization code (PKCE, RFC 7636).

const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** A new secret, which the exchange of the code shows. */
export const newVerifier = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

/** What the request for the code shows of the secret. */
export async function challengeOf(verifier) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  return base64url(new Uint8Array(digest));
}
