// Signs a user in with a password and a second factor.

import Auth0, { AuthError, type Credentials, type MfaAuthenticator } from "react-native-auth0";

export const auth0 = new Auth0({ domain: "localhost:8788", clientId: "demo", useDPoP: false });

/** What the app keeps between the two screens. */
export interface SecondFactor {
  mfaToken: string;
  authenticators: MfaAuthenticator[];
}

/** The tokens, or the login that waits for a second factor. */
export async function signIn(username: string, password: string): Promise<Credentials | SecondFactor> {
  try {
    return await auth0.auth.passwordRealm({
      username, password,
      realm: "Username-Password-Authentication",
      audience: "https://someapi.com/api",
      scope: "openid profile email read:sample offline_access",
    });
  } catch (error) {
    if (!(error instanceof AuthError) || error.code !== "mfa_required") throw error;
    const { mfa_token: mfaToken } = error.json as { mfa_token: string };
    return { mfaToken, authenticators: await auth0.mfa.getAuthenticators({ mfaToken }) };
  }
}

/** Has a code sent to this authenticator's address. The result belongs to the code. */
export async function sendCode({ mfaToken }: SecondFactor, email: MfaAuthenticator): Promise<string> {
  const { oobCode } = await auth0.mfa.challenge({ mfaToken, authenticatorId: email.id });
  return oobCode!;
}

export const finishByEmail = ({ mfaToken }: SecondFactor, oobCode: string, code: string) =>
  auth0.mfa.verify({ mfaToken, oobCode, bindingCode: code });

/** The authenticator app needs no challenge. */
export const finishByApp = ({ mfaToken }: SecondFactor, code: string) =>
  auth0.mfa.verify({ mfaToken, otp: code });
