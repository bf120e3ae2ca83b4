// What the checks of auth0-spa-js share.

import assert from "node:assert/strict";
import { https } from "../clients/service.mjs";
import { API, SCOPE, signInPlainly } from "./app.mjs";

/** The options of an app at this origin. */
export const optionsOf = (origin, more, parameters) => ({
  domain: https.host, clientId: "spa",
  authorizationParams: { redirect_uri: `${origin}/`, audience: API, scope: SCOPE, ...parameters },
  ...more,
});

/** A sign-in by redirect, with these options of `loginWithRedirect`. Gives the result of the callback. */
export async function arrive(app, byHand = signInPlainly, ...given) {
  await app.leave("loginWithRedirect", ...given);
  await byHand(app.page);
  const { value, error } = await app.back();
  assert.equal(error, undefined, JSON.stringify(error));
  return value;
}

const silently = (parameters, more) => ({ cacheMode: "off", authorizationParams: parameters, ...more });

/** A silent renewal that must give an access token. */
export const renewed = (app, parameters, more) => app.done("getTokenSilently", silently(parameters, more));

/** The error of a silent renewal that must be refused. */
export async function notRenewed(app, parameters, more) {
  const { value, error } = await app.call("getTokenSilently", silently(parameters, more));
  assert.equal(value, undefined, "it was not refused");
  return error;
}

/** A sign-out, which comes back to `/bye`. */
export async function signOut(app, origin) {
  await app.leave("logout", { logoutParams: { returnTo: `${origin}/bye` } });
  await app.at("/bye");
}
