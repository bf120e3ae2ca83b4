// A login in ABP's dialect: its requests, and how their answers are read. See auth0.js.

import { abpFactors } from "./abp_factors.js";

const PROVIDERS = {
  Email: { method: "email", name: "E-mail", hint: "provider Email" },
  Phone: { method: "sms", name: "Text message", hint: "provider Phone" },
  Authenticator: { method: "totp", name: "Authenticator app", hint: "provider Authenticator" },
};

function token(fields) {
  return { method: "POST", path: "/connect/token", form: fields };
}

function password(login) {
  return { grant_type: "password", username: login.name, password: login.password,
    ...login.client, scope: login.scope };
}

export const abp = {
  steps: ["Password", "Factor", "Code", "Tokens"],

  signIn: (login) => token(password(login)),

  pending: ({ body }) => body?.error_description === "RequiresTwoFactor"
    ? { token: body.twoFactorToken, userId: body.userId } : null,

  list: (login) => ({ method: "GET", path: "/api/account/two-factor-providers",
    query: { userId: login.userId, token: login.token } }),

  /**
   * No provider lists recovery codes, so the page asks `cargo local` how many the user has
   * left.
   */
  listsRecovery: false,

  factors: ({ body }, recoveryCodes) => [
    ...body.filter((provider) => PROVIDERS[provider]).map((provider) => ({ id: provider, ...PROVIDERS[provider] })),
    recoveryCodes > 0 && { id: "RecoveryCode", method: "recovery", name: "Recovery code",
      hint: `no provider lists it; ${recoveryCodes} left` },
  ].filter(Boolean),

  challenge(login) {
    const { id, method } = login.factor;
    if (method === "totp" || method === "recovery") return null;
    return { method: "POST", path: "/api/account/send-two-factor-code",
      json: { userId: login.userId, provider: id, token: login.token } };
  },

  challenged() {},

  ways(login) {
    const together = { id: "together", label: "Password and code together",
      hint: "The first request again, with the code. One request.", verify: false };
    if (login.factor.method === "recovery") return [together];
    return [
      together,
      { id: "token", label: "Verify, then the token", hint: "verify-two-factor-code with the token; then the token alone.",
        verify: true, next: "twoFactorToken alone brings the tokens, with no password and no code, once and within 120 seconds." },
      { id: "again", label: "Verify, then the same code again", hint: "verify-two-factor-code without the token; then password and code.",
        verify: true, next: "Verified without the token, so only the password and the same code bring the tokens, once and within 120 seconds." },
    ];
  },

  verify: (login, way, code) => ({ method: "POST", path: "/api/two-factor-token/verify-two-factor-code",
    json: { userId: login.userId, provider: login.factor.id, code, token: way.id === "token" ? login.token : null } }),

  verified: ({ ok, body }) => ok && body === true,

  complete(login, way, code) {
    if (way.id === "token") {
      return token({ grant_type: "password", ...login.client, twoFactorToken: login.token });
    }
    if (login.factor.method === "recovery") return token({ ...password(login), RecoveryCode: code });
    return token({ ...password(login), TwoFactorProvider: login.factor.id, TwoFactorCode: code });
  },

  refresh: (login, refreshToken) => token({ grant_type: "refresh_token", ...login.client, refresh_token: refreshToken }),

  /** ABP has no such endpoint. */
  revoke: null,

  tokens: ({ body }) => body,

  user: (accessToken) => ({ method: "GET", path: "/connect/userinfo", bearer: accessToken }),

  manage: abpFactors,
};
