// A login in CodeMaze's words: which requests it makes and how their answers are read. See auth0.js.

const PROVIDER = { id: "Email", method: "email", name: "E-mail", hint: "provider Email" };

function signIn(login) {
  return { method: "POST", path: "/api/accounts/login", json: { email: login.name, password: login.password } };
}

export const codemaze = {
  steps: ["Password", "Code", "Tokens"],

  signIn,

  pending: ({ body }) => body?.is2StepVerificationRequired ? { provider: body.provider } : null,

  /** Nothing to choose from: the first step has sent the code. */
  list: null,

  factors: () => [PROVIDER],

  /** Sent again by signing in again. */
  challenge: signIn,

  challenged() {},

  ways: () => [{ id: "code", label: "The code alone", hint: "", verify: false }],

  complete: (login, way, code) => ({ method: "POST", path: "/api/accounts/twostepverification",
    json: { email: login.name, provider: login.provider, token: code } }),

  tokens: ({ body }) => ({ access_token: body.token }),

  /** The articles have none of these. */
  refresh: null,
  revoke: null,
  user: null,
  manage: null,
};
