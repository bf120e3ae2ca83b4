// A login in Auth0's dialect: its requests, and how their answers are read.
//
// A `login` holds the typed values (name, password, client, scope, audience), the
// values from answers (token, oob_code), and the chosen factor.

import { auth0Factors } from "./auth0_factors.js";

const GRANT = "http://auth0.com/oauth/grant-type/";

const METHODS = { otp: "totp", phone: "sms", email: "email", "recovery-code": "recovery" };

const NAMES = {
  totp: ["Authenticator app", "6 digits, new ones every 30 seconds"],
  sms: ["Text message", "to "],
  email: ["E-mail", "to "],
  recovery: ["Recovery code", "the one kept for a lost phone; replaced when used"],
};

/** `proof` asks for a proof of this browser's key. */
function post(path, form, proof = false) {
  return { method: "POST", path, form, proof };
}

export const auth0 = {
  binds: true,

  /** Whether a device can be remembered after this factor. */
  remembers: ({ bound, factor }) => bound && factor.method !== "recovery",

  steps: ["Password", "Factor", "Code", "Tokens"],

  signIn: (login) => post("/oauth/token", {
    grant_type: "password", username: login.name, password: login.password, ...login.client,
    scope: login.scope, audience: login.audience,
  }, login.bound),

  /** The token of the pending login, if the answer asks for a second factor. */
  pending: ({ body }) => body?.error === "mfa_required" ? { token: body.mfa_token } : null,

  listsRecovery: true,

  list: (login) => ({ method: "GET", path: "/mfa/authenticators", bearer: login.token }),

  factors({ body }) {
    const known = body.filter((one) => one.active && METHODS[one.type]).map((one) => {
      const method = METHODS[one.type];
      const [name, hint] = NAMES[method];
      return { id: one.id, method, name, hint: one.name ? hint + one.name : hint, to: one.name };
    });
    // The service lists the recovery code first, as Auth0 does. The page shows it last,
    // because people need it rarely.
    return known.sort((one, other) => (one.method === "recovery") - (other.method === "recovery"));
  },

  /** The request that makes the service send a code. null if the factor needs no request. */
  challenge(login) {
    const { id, method } = login.factor;
    if (method === "recovery") return null;
    return { method: "POST", path: "/mfa/challenge", json: {
      mfa_token: login.token, ...login.client,
      challenge_type: method === "totp" ? "otp" : "oob", authenticator_id: id,
    } };
  },

  challenged(login, { body }) {
    login.oobCode = body.oob_code;
  },

  ways: () => [
    { id: "grant", label: "The code with the grant", hint: "Auth0's own way: one request to /oauth/token.",
      verify: false },
    { id: "verify", label: "Verify, then the grant", hint: "/mfa/verify first; then the grant, with no code.",
      verify: true, next: "The same grant with the mfa_token and no code brings the tokens, once and within 120 seconds." },
  ],

  verify: (login, way, code) => ({ method: "POST", path: "/mfa/verify", proof: login.bound, json: {
    mfa_token: login.token, ...login.client, code, authenticator_id: login.factor.id,
  } }),

  verified: ({ ok }) => ok,

  complete(login, way, code) {
    const begun = { mfa_token: login.token, ...login.client, remember_device: login.remembers && "true" };
    const shown = way.verify ? null : code;
    const grant = (name, fields) => post("/oauth/token", { grant_type: `${GRANT}${name}`, ...begun, ...fields }, login.bound);
    switch (login.factor.method) {
      case "totp": return grant("mfa-otp", { otp: shown });
      case "recovery": return grant("mfa-recovery-code", { recovery_code: shown });
      default: return grant("mfa-oob", { oob_code: login.oobCode, binding_code: shown });
    }
  },

  refresh: (login, token) =>
    post("/oauth/token", { grant_type: "refresh_token", ...login.client, refresh_token: token }, login.bound),

  revoke: (login, token) => post("/oauth/revoke", { ...login.client, token }),

  tokens: ({ body }) => body,

  user: (token) => ({ method: "GET", path: "/userinfo", bearer: token }),

  manage: auth0Factors,
};
