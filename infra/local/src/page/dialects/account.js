// Accounts in ABP's dialect: registering, confirming an e-mail address, resetting a
// password.

const ACCOUNT = "/api/account/";

/** The ABP app that asks. It decides where the links in e-mails lead. */
const APP = "Angular";

function post(path, json, bearer) {
  return { method: "POST", path: ACCOUNT + path, json, bearer };
}

export const account = {
  register: ({ name, email, password }) =>
    post("register", { userName: name, emailAddress: email, password, appName: APP }),

  sendConfirmation: (userId, token) => post("send-email-confirmation-token", { appName: APP, userId }, token),

  confirm: ({ userId, token }) => post("confirm-email", { userId, token }),

  state: (userId, token) => ({ method: "GET", path: `${ACCOUNT}confirmation-state`, query: { id: userId }, bearer: token }),

  sendReset: (email) => post("send-password-reset-code", { email, appName: APP }),

  reset: ({ userId, token }, password) => post("reset-password", { userId, resetToken: token, password }),
};

/**
 * `{ userId, token }` of a link in an e-mail, or null if the link lacks this parameter. The
 * page does what the linked app would do.
 */
export function readLink(text, parameter) {
  if (!URL.canParse(text)) return null;
  const found = new URL(text).searchParams;
  const [userId, token] = [found.get("userId"), found.get(parameter)];
  return userId && token ? { userId, token } : null;
}
