// Two-factor settings in ABP's dialect. See auth0_factors.js.

const ACCOUNT = "/api/account/";

function get(path, token) {
  return { method: "GET", path: ACCOUNT + path, bearer: token };
}

function post(path, token, rest = {}) {
  return { method: "POST", path: ACCOUNT + path, bearer: token, ...rest };
}

export const abpFactors = {
  /** All tokens of ABP's clients are for the account too. */
  takes: () => true,

  look: (token) => [
    ["Ask for an authenticator", get("has-authenticator-key", token)],
    ["Ask whether two-factor is on", get("my-profile/two-factor-enabled", token)],
    ["Ask whether it can be turned on", get("my-profile/can-enable-two-factor", token)],
  ],

  view([{ body: app }, { body: on }, { body: possible }], token) {
    const reset = { label: "Reset", what: "Reset the authenticator", title: "Reset the authenticator",
      request: post("reset-authenticator", token), said: "The authenticator is removed.", forgetsSeed: true };
    const turn = { label: on ? "Turn off" : "Turn on", what: on ? "Turn off two-factor" : "Turn on two-factor",
      title: on ? "Turn two-factor off" : "Turn two-factor on",
      request: post("my-profile/set-two-factor-enabled", token, { query: { enabled: String(!on) } }),
      said: on ? "Two-factor is off: the password alone signs in." : "Two-factor is on." };
    return {
      said: "A second factor is demanded where two-factor is on and there is a provider.",
      rows: [
        { method: "totp", name: "Authenticator", hint: app ? "set up" : "none yet", changes: app ? [reset] : [] },
        { method: "recovery", name: "Two-factor", hint: on ? "on" : possible ? "off" : "off, and no provider to turn it on with",
          changes: on || possible ? [turn] : [] },
      ],
      add: app ? "Replace the authenticator" : "Set up an authenticator",
    };
  },

  begin: (token) => get("authenticator-info", token),

  begun: ({ body }) => ({ key: body.key, uri: body.uri, codes: [] }),

  confirm: (login, token, code) => post("verify-authenticator-code", token, { json: { code } }),

  confirmed: ({ body }) => ({ tokens: {}, codes: body.recoveryCodes }),
};
