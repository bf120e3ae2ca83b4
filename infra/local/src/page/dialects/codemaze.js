// A login in CodeMaze's dialect: its requests, and how their answers are read. See
// auth0.js.

const PROVIDER = { id: "Email", method: "email", name: "E-mail", hint: "provider Email" };

function signIn(login) {
  return { method: "POST", path: "/api/accounts/login", json: { email: login.name, password: login.password } };
}

export const codemaze = {
  steps: ["Password", "Code", "Tokens"],

  signIn,

  pending: ({ body }) => body?.is2StepVerificationRequired ? { provider: body.provider } : null,

  /** The user has no choice, because the first step has already sent the code. */
  list: null,

  factors: () => [PROVIDER],

  /** To send the code again, the page signs in again. */
  challenge: signIn,

  challenged() {},

  ways: () => [{ id: "code", label: "The code alone", hint: "", verify: false }],

  complete: (login, way, code) => ({ method: "POST", path: "/api/accounts/twostepverification",
    json: { email: login.name, provider: login.provider, token: code } }),

  tokens: ({ body }) => ({ access_token: body.token }),

  /** CodeMaze's articles have no such calls. */
  refresh: null,
  revoke: null,
  user: null,
  manage: null,
};
