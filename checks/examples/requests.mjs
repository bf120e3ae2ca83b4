// Sends the requests that SDKs of other platforms build, as their sources build them, and
// checks that the answers have what the SDKs' decoders read. The files in
// examples/quickstarts/requests list the requests: `calls` by name, and `logins` as the
// order of calls.
//
// A value in braces is filled in: a setting, a code, or what an earlier call `keeps`.
// `decodes` is the shape that the decoder wants: a member without `?` is required, and a
// value after `=` is exact. `verifies` names a token that the SDK checks with these keys.
//
// usage: NODE_EXTRA_CA_CERTS=CERTIFICATE node requests.mjs HTTP_URL HTTPS_URL CERTIFICATE

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { AUDIENCE, check, codeSentTo, finish, https, nextTotp, USER, waitForNextSend, wrong } from "../clients/service.mjs";
import { jose } from "./issuer.mjs";

const folder = new URL("../../examples/quickstarts/requests/", import.meta.url);
const settings = {
  client: "demo", user: USER.name, password: USER.password, audience: AUDIENCE,
  scope: "openid profile email read:sample offline_access",
};
/** What the user of the app does. */
const codes = {
  sent_code: () => codeSentTo(USER.email),
  totp: () => nextTotp(USER.seed),
  wrong_totp: async () => wrong(await nextTotp(USER.seed)),
};

/** The value with everything in braces filled in. */
async function filled(value, known) {
  if (Array.isArray(value)) return Promise.all(value.map((one) => filled(one, known)));
  if (typeof value === "object") {
    const members = Object.entries(value).map(async ([name, one]) => [name, await filled(one, known)]);
    return Object.fromEntries(await Promise.all(members));
  }
  if (typeof value !== "string") return value;
  let text = value;
  for (const [whole, name] of value.matchAll(/\{(\w+)\}/g)) {
    const found = codes[name] ? await codes[name]() : known[name];
    assert.ok(found, `nothing is known as ${name}`);
    text = text.replace(whole, () => found);
  }
  return text;
}

/** Checks that a decoder that wants this shape reads the answer. */
function decode(shape, answer, place) {
  if (Array.isArray(shape)) {
    assert.ok(Array.isArray(answer) && answer.length > 0, `${place} is no list with members`);
    answer.forEach((one, at) => decode(shape[0], one, `${place}[${at}]`));
  } else if (typeof shape === "object") {
    assert.ok(answer && typeof answer === "object", `${place} is no object`);
    for (const [member, wanted] of Object.entries(shape)) {
      const name = member.replace(/\?$/, "");
      const absent = answer[name] === undefined || answer[name] === null;
      if (!absent || name === member) decode(wanted, answer[name], `${place}.${name}`);
    }
  } else if (shape.startsWith("=")) {
    assert.equal(answer, shape.slice(1), place);
  } else {
    assert.equal(typeof answer, shape, `${place} is ${JSON.stringify(answer)}`);
  }
}

/** What a call keeps of the answer: a member, or a member of the first one that is alike. */
function kept(rule, answer) {
  if (typeof rule === "string") return answer[rule];
  const alike = (one) => Object.entries(rule.where).every(([name, value]) => one[name] === value);
  return answer.find(alike)?.[rule.member];
}

/** As the SDKs do: RS256 only, the issuer with its slash (and the path after it), and one audience. */
async function verify({ token, audience, issuer = "", typ }, known, keys) {
  const expected = {
    issuer: `${https}${issuer}`, audience: await filled(audience, known), typ, algorithms: ["RS256"],
    // `cargo local` is ahead of this machine's time.
    currentDate: new Date(jose.decodeJwt(known[token]).iat * 1000),
  };
  const { payload, protectedHeader } = await jose.jwtVerify(known[token], jose.createLocalJWKSet(keys), expected);
  assert.ok(protectedHeader.kid && payload.sub && payload.iat && payload.exp, "a claim is missing");
}

async function send(sdk, call, known) {
  const headers = { ...sdk.headers, ...(await filled(call.headers ?? {}, known)) };
  const body = call.body && (await filled(call.body, known));
  const form = headers["Content-Type"]?.startsWith("application/x-www-form-urlencoded");
  const response = await fetch(new URL((await filled(call.path, known)).slice(1), https), {
    method: call.method, headers, redirect: "manual",
    body: body && (form ? new URLSearchParams(body).toString() : JSON.stringify(body)),
  });
  const text = await response.text();
  assert.equal(response.status, call.status, `${call.call}: ${text}`);
  if (!call.decodes) return;
  const answer = JSON.parse(text);
  decode(sdk.shapes?.[call.decodes] ?? call.decodes, answer, call.call);
  for (const [name, rule] of Object.entries(call.keeps ?? {})) known[name] = kept(rule, answer);
  if (call.verifies) await verify(call.verifies, known, answer);
}

for (const file of readdirSync(folder).toSorted()) {
  const sdk = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
  console.log(`${sdk.sdk} ${sdk.version}`);
  for (const [login, names] of Object.entries(sdk.logins)) {
    await check(`${login}: ${names.join(", ")}`, async () => {
      await waitForNextSend();
      const known = { ...settings };
      for (const name of names) {
        assert.ok(sdk.calls[name], `${file} has no call ${name}`);
        await send(sdk, sdk.calls[name], known);
      }
    });
  }
}
finish();
