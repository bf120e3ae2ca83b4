// Adds a second factor to a user's account: an authenticator app, or codes by e-mail.
//
// usage: tsx enrol.ts otp|email

import { createInterface } from "node:readline";
import { AuthClient, isMfaRequiredError, MfaEnrollmentError, MfaVerifyError } from "@auth0/auth0-auth-js";

const {
  DOMAIN = "localhost:8788", CLIENT_ID = "demo-server", CLIENT_SECRET = "demo-secret",
  LOGIN_NAME = "plain@example.com", PASSWORD = "pwd",
} = process.env;

const auth0 = new AuthClient({ domain: DOMAIN, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET });

/** An access token that may change the user's factors, from a login of now. */
async function signIn(): Promise<string> {
  try {
    const { accessToken } = await auth0.getTokenByPassword({
      username: LOGIN_NAME, password: PASSWORD,
      audience: `https://${DOMAIN}/mfa/`, scope: "enroll read:authenticators",
    });
    return accessToken;
  } catch (error) {
    if (!isMfaRequiredError(error)) throw error;
    // A user who has a factor shows it first. Otherwise a password would be enough to
    // add somebody else's factor.
    const mfaToken = String(error.cause.mfa_token);
    const otp = await ask("The code of the app that you have:");
    return (await auth0.mfa.verify({ mfaToken, factorType: "otp", otp })).accessToken;
  }
}

/** The app is added once it has shown its first code. */
async function addApp(token: string) {
  const begun = await auth0.mfa.enrollAuthenticator({ mfaToken: token, authenticatorTypes: ["otp"] });
  if (begun.authenticatorType !== "otp") throw new Error("not an app");
  console.log("secret:", begun.secret);
  console.log("for a QR code:", begun.barcodeUri);
  keep(begun.recoveryCodes);
  const otp = await ask("The first code of the app:");
  await auth0.mfa.verify({ mfaToken: token, factorType: "otp", otp });
}

/** Without an address, the code goes to the account's own. */
async function addEmail(token: string) {
  const begun = await auth0.mfa.enrollAuthenticator({
    mfaToken: token, authenticatorTypes: ["oob"], oobChannels: ["email"],
  });
  if (begun.authenticatorType !== "oob") throw new Error("not an address");
  keep(begun.recoveryCodes);
  const bindingCode = await ask("The code of the e-mail:");
  await auth0.mfa.verify({ mfaToken: token, factorType: "oob", oobCode: String(begun.oobCode), bindingCode });
}

/** The first factor comes with a recovery code, which is shown this once. */
function keep(recoveryCodes: string[] = []) {
  for (const code of recoveryCodes) console.log("recovery code:", code);
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
async function ask(question: string): Promise<string> {
  console.log(question);
  return String((await lines.next()).value ?? "").trim();
}

try {
  const token = await signIn();
  await (process.argv[2] === "email" ? addEmail(token) : addApp(token));
  const factors = await auth0.mfa.listAuthenticators({ mfaToken: token });
  // What was begun and not confirmed is listed for an hour, and is not active.
  for (const { type, active } of factors) if (active) console.log("factor:", type);
} catch (error) {
  if (!(error instanceof MfaEnrollmentError || error instanceof MfaVerifyError)) throw error;
  // A refusal: for example a wrong first code is 403 `invalid_grant`, `Invalid otp_code.`
  console.log(`refused: ${error.statusCode} ${error.cause?.error}: ${error.cause?.error_description}`);
  process.exitCode = 1;
}
process.stdin.destroy();
