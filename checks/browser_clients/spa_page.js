// A page with auth0-spa-js. `globalThis.call` calls a method of the client for the check.

import * as sdk from "@auth0/auth0-spa-js";

const options = JSON.parse(sessionStorage.getItem("options") ?? "null");

const kindOf = ({ constructor }) => Object.keys(sdk).find((name) => sdk[name] === constructor) ?? constructor.name;

async function outcome(work) {
  try {
    return { value: await work() };
  } catch (error) {
    const { mfa_token, mfa_requirements, message } = error;
    return { error: { kind: kindOf(error), error: error.error, message, mfa_token, mfa_requirements } };
  }
}

/** `mfa.verify` is the method of a part of the client. */
globalThis.call = (name, given) => outcome(() => {
  const path = name.split(".");
  const method = path.pop();
  const part = path.reduce((of, step) => of[step], globalThis.auth0);
  return part[method](...given);
});

/** Asks with the client's own fetch, and a token for this audience: the status and the body. */
globalThis.ask = (url, config, audience) => outcome(async () => {
  const answer = await globalThis.auth0.createFetcher(config).fetchWithAuth(url, {}, { audience });
  return { status: answer.status, body: await answer.json() };
});

/** Adds a passkey by the library's client of the My Account API, and the browser's authenticator. */
globalThis.addPasskey = () => outcome(async () => {
  const { myAccount } = globalThis.auth0;
  const begun = await myAccount.enrollmentChallenge({ type: "passkey" });
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(begun.authn_params_public_key);
  const made = await navigator.credentials.create({ publicKey });
  return myAccount.enrollmentVerify({
    type: "passkey", location: begun.location, auth_session: begun.auth_session, authn_response: made.toJSON(),
  });
});

/** Signs these options of a sign-in with the browser's authenticator. */
globalThis.sign = (options) => outcome(async () => {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return (await navigator.credentials.get({ publicKey })).toJSON();
});

/** The two steps of a sign-in by a passkey, with other options. The second step is called `times` times. */
globalThis.passkeyByHand = ({ times, ...others }) => outcome(async () => {
  const { passkey } = globalThis.auth0;
  const { authSession, publicKey } = await passkey.getLoginChallenge();
  const credential = await navigator.credentials.get({ publicKey: { ...publicKey, ...others } });
  const show = () => outcome(() => passkey.getTokenWithPasskey({ authSession, credential }));
  return Array.fromAsync({ length: times }, show);
});

if (options) {
  globalThis.auth0 = new sdk.Auth0Client(options);
  if (/[?&](code|error)=/.test(location.search)) {
    globalThis.came = await outcome(() => globalThis.auth0.handleRedirectCallback());
    history.replaceState({}, "", "/");
  }
}
document.body.dataset.ready = "";
