// Runs the quickstarts for servers as their pages say: logins with a code by e-mail and
// with an authenticator app, a wrong code, and an API that takes the tokens. Checks that
// the pages show the files that run.
//
// usage: NODE_EXTRA_CA_CERTS=CERTIFICATE node quickstarts.mjs HTTP_URL HTTPS_URL CERTIFICATE PYTHON

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { check, codeSentTo, finish, https, nextTotp, USER, waitForNextSend, wrong } from "../clients/service.mjs";
import { accepted, orders, refused, withoutScope } from "./apis.mjs";
import { run, stop } from "./programs.mjs";

const [certificate, python] = process.argv.slice(4);
const settings = {
  ISSUER: https.href, PORT: "0", PYTHONDONTWRITEBYTECODE: "1",
  // Each platform reads the trusted certificate from another variable.
  NODE_EXTRA_CA_CERTS: certificate, REQUESTS_CA_BUNDLE: certificate, SSL_CERT_FILE: certificate,
};
const programs = {
  "Node.js": (by) => run("node", settings, process.execPath, "--import", "tsx", "login.ts", by),
  Python: (by) => run("python", settings, python, "login.py", by),
};

/** The access token that a program prints, once it has everything else. */
async function tokenOf(login) {
  assert.match(await login.line("signed in:"), /read:sample offline_access/);
  assert.match(await login.line("user info:"), /Demo User/);
  await login.ended(0);
  return login.line("access token:");
}

/** A login with a code by e-mail. Gives the access token. */
async function byEmail(name) {
  let token;
  await check(`${name}: a password and a code by e-mail give tokens`, async () => {
    const running = programs[name]("email");
    await running.line("The code of the e-mail:");
    running.say(await codeSentTo(USER.email));
    token = await tokenOf(running);
  });
  return token;
}

async function byApp(name) {
  await check(`${name}: a password and an authenticator app give tokens`, async () => {
    const running = programs[name]("otp");
    await running.line("The code of the authenticator app:");
    running.say(await nextTotp(USER.seed));
    await tokenOf(running);
  });
  await check(`${name}: a wrong code is told`, async () => {
    const running = programs[name]("otp");
    await running.line("The code of the authenticator app:");
    running.say(wrong(await nextTotp(USER.seed)));
    assert.equal(await running.line("refused:"), "403 invalid_grant: Invalid otp_code.");
    await running.ended(1);
  });
}

/** A user of this check's own, because a factor changes how the demo users sign in. */
async function newUser(email, password) {
  const response = await fetch(new URL("dbconnections/signup", https), {
    method: "POST", headers: { "content-type": "application/json" },
    body: JSON.stringify({ client_id: "demo", connection: "Username-Password-Authentication", email, password }),
  });
  assert.equal(response.status, 200, await response.text());
  return { LOGIN_NAME: email, PASSWORD: password };
}

async function enrolment() {
  const email = "enrolling@example.com";
  const user = await newUser(email, "violet kettle 42");
  const begin = (by) => run("enrolment", { ...settings, DOMAIN: https.host, ...user }, process.execPath, "--import", "tsx", "enrol.ts", by);
  let seed;
  await check("Enrolment: a wrong first code adds no app", async () => {
    const running = begin("otp");
    seed = await running.line("secret:");
    await running.line("The first code of the app:");
    running.say(wrong(await nextTotp(seed)));
    assert.equal(await running.line("refused:"), "403 invalid_grant: Invalid otp_code.");
    await running.ended(1);
  });
  await check("Enrolment: an authenticator app is added with its first code", async () => {
    const running = begin("otp");
    seed = await running.line("secret:");
    assert.match(await running.line("for a QR code:"), /^otpauth:\/\/totp\/.*secret=/);
    assert.match(await running.line("recovery code:"), /^[A-Z0-9]{24}$/);
    await running.line("The first code of the app:");
    running.say(await nextTotp(seed));
    await running.line("factor: otp");
    await running.ended(0);
  });
  await check("Enrolment: codes by e-mail are added after the app was shown", async () => {
    await waitForNextSend();
    const running = begin("email");
    await running.line("The code of the app that you have:");
    running.say(await nextTotp(seed));
    await running.line("The code of the e-mail:");
    running.say(await codeSentTo(email));
    await running.line("factor: email");
    await running.line("factor: otp");
    await running.ended(0);
  });
}

/** The tokens of the user without a second factor. */
async function plainTokens(scope) {
  const body = new URLSearchParams({
    grant_type: "password", client_id: "demo", username: "plain@example.com", password: "pwd", scope,
  });
  const response = await fetch(new URL("oauth/token", https), { method: "POST", body });
  assert.equal(response.status, 200);
  return response.json();
}

async function api(token) {
  const running = run("python", settings, python, "api.py");
  const api = { name: "the Python API", url: await running.line("ready ") };
  await check(`${api.name} accepts the token of a login`, () => accepted(api, token));
  await check(`${api.name} refuses an ID token, a changed token and no token`, async () => {
    const { id_token, access_token } = await plainTokens("openid read:sample");
    await accepted(api, access_token);
    const [header, payload, signature] = access_token.split(".");
    await refused(api, id_token);
    await refused(api, [header, payload.slice(0, -4) + "AAAA", signature].join("."));
    await refused(api, "garbage");
    const { status, challenge } = await orders(api);
    assert.deepEqual([status, challenge], [401, 'Bearer realm="orders"']);
  });
  await check(`${api.name} answers 403 to a token without the scope`, async () => {
    await withoutScope(api, (await plainTokens("openid")).access_token);
  });
}

/** Every block of a page that says where it is from stands in that file. */
async function pages() {
  const root = new URL("../../", import.meta.url);
  const block = /<!-- from: (\S+) -->\n```\w+\n(.*?)\n```/gs;
  for (const page of readdirSync(new URL("docs/quickstarts/", root))) {
    const text = readFileSync(new URL(`docs/quickstarts/${page}`, root), "utf8");
    for (const [, file, shown] of text.matchAll(block)) {
      await check(`${page} shows ${file}`, () => {
        assert.ok(readFileSync(new URL(file, root), "utf8").includes(shown), `${page} shows other lines`);
      });
    }
  }
}

try {
  // The API's library refuses tokens of the future, so the clock is moved only afterwards.
  await api(await byEmail("Node.js"));
  await byApp("Node.js");
  await waitForNextSend();
  await byEmail("Python");
  await byApp("Python");
  await enrolment();
  await pages();
} finally {
  stop();
  finish();
}
