// The parts of the running service that a person uses besides the client under test:
// the inbox, an authenticator app and the clock. Also counts the passed checks.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";

export const USER = {
  name: "user@example.com", password: "pwd", email: "user@example.com",
  phone: "+15555550100", seed: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
};
export const PLAIN_USER = { name: "plain@example.com", password: "pwd" };
export const ABP_USER = {
  name: "admin", password: "1q2w3E*", email: "admin@example.com",
  phone: "+15555550101", seed: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
};
export const AUDIENCE = "https://someapi.com/api";

/** The recovery code that is valid now. Each recovery code works once. */
export const recovery = { code: process.env.RECOVERY_CODE ?? "COUNTERSIGN2RECOVER4DEMO" };

const [httpArgument, httpsArgument, certificate] = process.argv.slice(2);
if (!certificate || process.env.NODE_EXTRA_CA_CERTS !== certificate) {
  console.error("usage: NODE_EXTRA_CA_CERTS=CERTIFICATE node SCRIPT HTTP_URL HTTPS_URL CERTIFICATE");
  process.exit(2);
}
const http = new URL(httpArgument);
/** The https URL, which is the issuer. It ends in a slash. */
export const https = new URL(httpsArgument);

async function local(path, options) {
  const response = await fetch(new URL(path, http), options);
  assert.equal(response.status, 200, `${path}: ${response.status}`);
  return response.json();
}

/** Moves the service's clock, and returns the new time. */
export async function advance(seconds) {
  const body = JSON.stringify({ advance_seconds: seconds });
  return (await local("/_local/clock", { method: "POST", body })).now;
}

/** The newest message. */
export const newestMessage = async () => (await local("/_local/messages"))[0];

/** The code of the newest message. The message must have gone to this address. */
export async function codeSentTo(address) {
  const [newest] = await local("/_local/messages");
  assert.equal(newest?.to, address);
  assert.match(newest.code, /^\d{6}$/);
  return newest.code;
}

/** Waits until the address may get the next code. The cool-down is 30 seconds. */
export const waitForNextSend = () => advance(31);

/**
 * The next code of an authenticator app with this seed. Each time step is accepted once, so
 * this waits for a new one.
 */
export async function nextTotp(seed) {
  return totp(seed, await advance(30));
}

/** The code that an authenticator app with this seed shows now. */
export const currentTotp = async (seed) => totp(seed, (await local("/_local/clock")).now);

/** Runs a command of the operators' tool, and returns its value. */
export async function operate(...command) {
  const told = await local("/_local/operate", { method: "POST", body: JSON.stringify({ command }) });
  assert.equal(told.exit_code, 0, told.text);
  return told.value;
}

/** Makes a user with a password and a confirmed address. */
export async function addUser({ name, password }) {
  const command = ["user", "add", "--email", name, "--email-confirmed"];
  const told = await local("/_local/operate", { method: "POST", body: JSON.stringify({ command, password }) });
  assert.equal(told.exit_code, 0, told.text);
}

/** RFC 6238 with SHA-1, 30 seconds and six digits. */
function totp(seed, time) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(time / 30)));
  const mac = createHmac("sha1", fromBase32(seed)).update(counter).digest();
  const number = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

function fromBase32(text) {
  const bits = [...text].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"));
  return Buffer.from(bits.join("").match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}

/** Another code of the same length. */
export const wrong = (code) => String((Number(code) + 1) % 1_000_000).padStart(6, "0");

/** The error of `work`, which must be refused. */
export async function thrownBy(work) {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({ message: "it was not refused" });
}

let passed = 0;
let failed = 0;

/** Runs one check. The next check runs even if this one fails. */
export async function check(name, work) {
  try {
    await work();
    passed += 1;
    console.log(`  passed: ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`  FAILED: ${name}`);
    console.log(`${error.stack}`.replaceAll(/^/gm, "    "));
    for (let cause = error.cause; cause; cause = cause.cause) console.log("    because:", cause);
  }
}

/** Prints the counts and ends the process. */
export function finish() {
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}
