// Second factors in Auth0's dialect: the requests that read them and change them.
//
// A `change` is `{ label, title, request, said }`. It has `what` if the label alone is
// unclear, `codes` if the answer has recovery codes, and `forgetsSeed` if the change
// removes an app.

import { decoded } from "../common/jwt.js";

const NAMES = {
  otp: ["totp", "Authenticator app"],
  phone: ["sms", "Text message"],
  email: ["email", "E-mail"],
  "recovery-code": ["recovery", "Recovery code"],
};

function associate(token, kind) {
  return { method: "POST", path: "/mfa/associate", bearer: token, json: { authenticator_types: [kind] } };
}

export const auth0Factors = {
  /**
   * Whether this access token is for the MFA API. In Auth0's dialect, the MFA API has its own
   * audience.
   */
  takes(token) {
    const audiences = [decoded(token).claims.aud].flat();
    return audiences.some((audience) => audience.endsWith("/mfa/"));
  },

  look: (token) => [
    ["List the second factors", { method: "GET", path: "/mfa/authenticators", bearer: token }],
  ],

  /** The parts of the answers that the page shows. */
  view([{ body }], token) {
    const rows = body.filter((one) => NAMES[one.type]).map((one) => row(one, token))
      .sort((one, other) => (one.method === "recovery") - (other.method === "recovery"));
    const app = body.some((one) => one.type === "otp" && one.active);
    return {
      said: rows.length ? "These can complete a login." : "There is none yet: the password alone signs in.",
      rows,
      add: app ? "Replace the authenticator app" : "Add an authenticator app",
    };
  },

  /** Asks for a key. The key has no effect until its first code was shown. */
  begin: (token) => associate(token, "otp"),

  begun: ({ body }) => ({ key: body.secret, uri: body.barcode_uri, codes: body.recovery_codes ?? [] }),

  /** An ordinary grant confirms the key, with the access token as mfa_token. */
  confirm: (login, token, code) => ({ method: "POST", path: "/oauth/token", proof: login.bound, form: {
    grant_type: "http://auth0.com/oauth/grant-type/mfa-otp", mfa_token: token, ...login.client, otp: code,
  } }),

  confirmed: ({ body }) => ({ tokens: body, codes: [] }),
};

function row({ id, type, name, active }, token) {
  const [method, title] = NAMES[type];
  const hint = active ? name : "waits for its first code";
  if (method === "recovery") {
    return { method, name: title, hint: "for a lost phone", changes: [{
      label: "Replace", what: "Replace the recovery code", title: "Replace the recovery code",
      request: associate(token, "recovery-code"), said: "The recovery code is replaced.",
      codes: ({ body }) => body.recovery_codes,
    }] };
  }
  return { method, name: title, hint, changes: [{
    label: "Remove", what: `Remove ${title}`, title: "Remove the factor",
    request: { method: "DELETE", path: `/mfa/authenticators/${encodeURIComponent(id)}`, bearer: token },
    said: `${title}: removed.`, forgetsSeed: method === "totp" && active,
  }] };
}
