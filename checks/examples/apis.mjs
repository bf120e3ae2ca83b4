// Starts both examples of a protected API as processes, and reads their answers.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const target = process.env.CARGO_TARGET_DIR ?? `${root}target`;
const commands = {
  "the Rust example": [`${target}/debug/protected-api`],
  "the JavaScript example": [process.execPath, `${root}examples/protected-api-js/protected-api.mjs`],
};
const children = new Set();

/** Starts both on free ports, with more variables if there are any. Returns their names and addresses. */
export const start = (issuer, audience, certificate = "", more = {}) =>
  Promise.all(Object.entries(commands).map(([name, [command, ...words]]) => {
    const child = spawn(command, words, {
      env: {
        ISSUER: issuer, AUDIENCE: audience, ADDRESS: "127.0.0.1:0",
        // Each example reads the trusted certificate from another variable.
        ...(certificate && { SSL_CERT_FILE: certificate, NODE_EXTRA_CA_CERTS: certificate }),
        ...more,
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.add(child);
    return new Promise((ready, failed) => {
      child.once("error", failed);
      child.once("exit", (code) => failed(new Error(`${name} ended with ${code}`)));
      createInterface(child.stdout).on("line", (line) => {
        if (line.startsWith("ready ")) ready({ name, url: line.slice("ready ".length) });
      });
    });
  }));

/** Stops the processes. */
export function end() {
  for (const child of children) child.kill();
}

/** The API's answer to this `Authorization` header, and to this proof of a key if there is one. */
export async function orders(api, authorization, query = "", proof = undefined) {
  const headers = authorization === undefined ? {} : { authorization };
  if (proof !== undefined) headers.dpop = proof;
  const response = await fetch(`${api.url}/orders${query}`, { headers });
  return {
    status: response.status,
    challenge: response.headers.get("www-authenticate"),
    retryAfter: response.headers.get("retry-after"),
    body: await response.text(),
  };
}

/** Checks that the token is accepted: the API answers with its claims. */
export async function accepted(api, token) {
  const answer = await orders(api, `Bearer ${token}`);
  assert.equal(answer.status, 200, `${api.name}: ${answer.challenge}`);
  return JSON.parse(answer.body);
}

/** Checks that the token is refused as invalid (RFC 6750 3.1). */
export async function refused(api, token) {
  const answer = await orders(api, `Bearer ${token}`);
  assert.equal(answer.status, 401, `${api.name}: ${answer.body}`);
  assert.match(answer.challenge, /^Bearer realm="orders", error="invalid_token"/, api.name);
  assert.equal(answer.body, "");
}

/** Checks that the token is refused because it lacks the scope. */
export async function withoutScope(api, token) {
  const answer = await orders(api, `Bearer ${token}`);
  assert.equal(answer.status, 403, `${api.name}: ${answer.challenge}`);
  assert.equal(answer.challenge, 'Bearer realm="orders", error="insufficient_scope", scope="read:sample"');
}
