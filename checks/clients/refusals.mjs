// The errors of openid-client, as its user takes them apart.

import assert from "node:assert/strict";
import * as client from "openid-client";
import { thrownBy } from "./service.mjs";

/** `work` is refused in the body of the answer, with this status and these texts; gives the error. */
export async function refused(status, code, description, work) {
  const error = await thrownBy(work);
  assert.ok(error instanceof client.ResponseBodyError, `${error.name}: ${error.message}`);
  assert.deepEqual([error.status, error.error, error.error_description], [status, code, description]);
  return error;
}

/** `work` is refused by a challenge in `WWW-Authenticate` of that scheme. */
export async function challenged(scheme, work) {
  const error = await thrownBy(work);
  assert.ok(error instanceof client.WWWAuthenticateChallengeError, `${error.name}: ${error.message}`);
  assert.deepEqual([error.status, error.cause.map((one) => one.scheme)], [401, [scheme]]);
  return error;
}

/** When the answer says to try again, in seconds. */
export const retryAfter = (error) => Number(error.response.headers.get("retry-after"));
