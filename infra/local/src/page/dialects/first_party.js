// A login without a browser (docs/first-party-apps.md): the steps of a pending login at one
// endpoint. The last step gives an authorization code, and PKCE protects the code.

import { challengeOf, newVerifier } from "../common/pkce.js";
import { auth0 } from "./auth0.js";

const PATH = "/authorize-challenge";

function step(login, fields) {
  return { method: "POST", path: PATH, form: fields, proof: login.bound };
}

/** The parameters of the code. */
function shown({ oobCode, factor }, code) {
  switch (factor.method) {
    case "totp": return { otp: code };
    case "recovery": return { recovery_code: code };
    default: return { oob_code: oobCode, binding_code: code };
  }
}

export const firstParty = {
  binds: true,

  steps: auth0.steps,

  async signIn(login) {
    login.verifier = newVerifier();
    return step(login, {
      ...login.client, response_type: "code", scope: login.scope, audience: login.audience,
      code_challenge: await challengeOf(login.verifier), code_challenge_method: "S256",
      username: login.name, password: login.password,
    });
  },

  pending: ({ body }) => body?.error === "insufficient_authorization" ? { token: body.auth_session } : null,

  listsRecovery: true,

  list: auth0.list,

  factors: auth0.factors,

  challenge(login) {
    const { id, method } = login.factor;
    if (method === "recovery") return null;
    return step(login, {
      ...login.client, auth_session: login.token,
      challenge_type: method === "totp" ? "otp" : "oob", authenticator_id: id,
    });
  },

  challenged: auth0.challenged,

  ways: () => [{ id: "step", label: "The code as a step", hint: "One request, which answers with an authorization code.", verify: false }],

  complete: (login, way, code) => step(login, {
    ...login.client, auth_session: login.token, ...shown(login, code),
    remember_device: login.remembers && "true",
  }),

  remembers: auth0.remembers,

  /** The exchange of the authorization code. */
  redeem: (login, { body }) => ({ method: "POST", path: "/oauth/token", proof: login.bound, form: {
    grant_type: "authorization_code", ...login.client, code: body.authorization_code, code_verifier: login.verifier,
  } }),

  refresh: auth0.refresh,

  revoke: auth0.revoke,

  tokens: auth0.tokens,

  user: auth0.user,
};
