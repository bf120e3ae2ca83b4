// A password manager of another project (the crate `passkey`) makes a passkey and signs in: on
// a page, and in an app on Android.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { check } from "../clients/service.mjs";
import { addPasskey, ANDROID, beginPasskey, beginSignIn, byPassword, DOMAIN, forgetPasskeys, ORIGIN, signIn } from "./relying_party.mjs";

/** The fingerprint of the app's certificate, as Google writes fingerprints. */
const FINGERPRINT = Buffer.from(ANDROID.split(":").at(-1), "base64url").toString("hex").toUpperCase().match(/../g).join(":");

/** Starts a password manager, which knows no passkey yet. */
function start(program, verifies) {
  const child = spawn(program, [verifies ? "verifies" : "asks-nobody", ORIGIN, FINGERPRINT, DOMAIN], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(act, options, android) {
      child.stdin.write(`${JSON.stringify({ act, options, android })}\n`);
      const { value, done } = await lines.next();
      assert.ok(!done, "the password manager gave no answer");
      return value;
    },
    end: () => child.stdin.end(),
  };
}

const claims = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url"));

/** Enrols a passkey and signs in twice. Returns the claims of the last token. */
async function walk(manager, user, android) {
  const token = await byPassword(user);
  const begun = await beginPasskey(token);
  const added = await addPasskey(begun, await manager.ask("create", begun.options, android), token);
  assert.equal(added.status, 201, added.text);
  let last;
  for (let time = 0; time < 2; time += 1) {
    const asked = await beginSignIn();
    last = await signIn(asked, await manager.ask("sign", asked.options, android));
    assert.equal(last.status, 200, last.text);
  }
  await forgetPasskeys(user);
  return claims(last.body.access_token);
}

export async function passwordManagers(program, user) {
  for (const [what, verifies, android] of [["on a page", true, false], ["in an app on Android", true, true],
    ["on a page, and verifies nobody", false, false]]) {
    await check(`the crate passkey makes a passkey and signs in ${what}`, async () => {
      const manager = start(program, verifies);
      try {
        const { acr, amr } = await walk(manager, user, android);
        assert.deepEqual([acr, amr.includes("mfa")], [verifies ? "aal2" : "aal1", verifies]);
      } finally {
        manager.end();
      }
    });
  }
}
