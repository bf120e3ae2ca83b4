// The errors of openid-client, as an app examines them.

import assert from "node:assert/strict";
import * as client from "openid-client";
import { thrownBy } from "./service.mjs";

/** Checks that `work` fails with this status and these texts in the body. Returns the error. */
export async function refused(status, code, description, work) {
  const error = await thrownBy(work);
  assert.ok(error instanceof client.ResponseBodyError, `${error.name}: ${error.message}`);
  assert.deepEqual([error.status, error.error, error.error_description], [status, code, description]);
  return error;
}

/** Checks that `work` fails with a challenge of this scheme in `WWW-Authenticate`. */
export async function challenged(scheme, work) {
  const error = await thrownBy(work);
  assert.ok(error instanceof client.WWWAuthenticateChallengeError, `${error.name}: ${error.message}`);
  assert.deepEqual([error.status, error.cause.map((one) => one.scheme)], [401, [scheme]]);
  return error;
}

/** The answer's `Retry-After`, in seconds. */
export const retryAfter = (error) => Number(error.response.headers.get("retry-after"));
