// Signs a user in with a password and a second factor, as a server does for its users.
//
// usage: tsx login.ts email|otp

import { createInterface } from "node:readline";
import * as client from "openid-client";

const {
  ISSUER = "https://localhost:8788/", CLIENT_ID = "demo-server", CLIENT_SECRET = "demo-secret",
  AUDIENCE = "https://someapi.com/api",
} = process.env;
const SCOPE = "openid profile email read:sample offline_access";
const MFA = "http://auth0.com/oauth/grant-type/mfa-";

const config = await client.discovery(new URL(ISSUER), CLIENT_ID, CLIENT_SECRET);

/** The tokens, or the name of the login that waits for a second factor. */
async function signIn(username: string, password: string) {
  try {
    const wanted = { audience: AUDIENCE, scope: SCOPE };
    return { tokens: await client.genericGrantRequest(config, "password", { username, password, ...wanted }) };
  } catch (error) {
    if (!(error instanceof client.ResponseBodyError) || error.error !== "mfa_required") throw error;
    return { mfaToken: String(error.cause.mfa_token) };
  }
}

/** Has a code sent by e-mail. openid-client does not know this call. */
async function sendCode(mfaToken: string): Promise<string> {
  const response = await fetch(String(config.serverMetadata().mfa_challenge_endpoint), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      client_id: CLIENT_ID, client_secret: CLIENT_SECRET, mfa_token: mfaToken,
      challenge_type: "oob", oob_channel: "email",
    }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${answer.error}: ${answer.error_description}`);
  return answer.oob_code;
}

const byEmail = (mfaToken: string, oobCode: string, code: string) =>
  client.genericGrantRequest(config, `${MFA}oob`, { mfa_token: mfaToken, oob_code: oobCode, binding_code: code });

const byApp = (mfaToken: string, code: string) =>
  client.genericGrantRequest(config, `${MFA}otp`, { mfa_token: mfaToken, otp: code });

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
async function ask(question: string): Promise<string> {
  console.log(question);
  return String((await lines.next()).value ?? "").trim();
}

async function secondFactor(mfaToken: string) {
  if (process.argv[2] === "otp") return byApp(mfaToken, await ask("The code of the authenticator app:"));
  const oobCode = await sendCode(mfaToken);
  return byEmail(mfaToken, oobCode, await ask("The code of the e-mail:"));
}

try {
  const { tokens, mfaToken } = await signIn("user@example.com", "pwd");
  const signedIn = tokens ?? (await secondFactor(mfaToken));
  // openid-client has checked the issuer, the audience and the times of the ID token.
  const { sub, amr, acr } = signedIn.claims()!;
  console.log("signed in:", JSON.stringify({ sub, amr, acr, scope: signedIn.scope }));
  const { name } = await client.fetchUserInfo(config, signedIn.access_token, sub);
  console.log("user info:", JSON.stringify({ name }));
  const refreshed = await client.refreshTokenGrant(config, signedIn.refresh_token!);
  console.log("access token:", refreshed.access_token);
} catch (error) {
  if (!(error instanceof client.ResponseBodyError)) throw error;
  // A refusal: for example a wrong code is 403 `invalid_grant`, `Invalid binding_code.`
  console.log(`refused: ${error.status} ${error.error}: ${error.error_description}`);
  process.exitCode = 1;
}
process.stdin.destroy();
