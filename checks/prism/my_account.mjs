// The My Account API, with the requests that Auth0's SDKs for apps send: factors, a method
// that is added, confirmed, named, listed, refused and removed, and a new password.
//
// usage: NODE_EXTRA_CA_CERTS=CERTIFICATE node my_account.mjs HTTP_URL HTTPS_URL CERTIFICATE

import assert from "node:assert/strict";
import { ABP_USER, addUser, check, codeSentTo, currentTotp, finish, https, nextTotp, operate, waitForNextSend, wrong } from "../clients/service.mjs";

console.log("My Account API");

const SCOPE = ["read:me:factors", "read:me:authentication_methods", "create:me:authentication_methods",
  "update:me:authentication_methods", "delete:me:authentication_methods"];
const ME = "/me/v1/authentication-methods";
await operate("client", "add", "my-account", "--for", "mobile", "--audience", "{issuer}me/",
  ...SCOPE.flatMap((scope) => ["--scope", scope]));

async function send(method, path, { token, body, status }) {
  const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(new URL(path, https), { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  assert.equal(answer.status, status, `${method} ${path}: ${text}`);
  return text && JSON.parse(text);
}

/** The access token of a login with the second factor. */
async function signIn() {
  const fields = { client_id: "my-account", audience: `${https}me/`, scope: SCOPE.join(" ") };
  const { name: username, password, seed } = ABP_USER;
  const first = await send("POST", "/oauth/token", { body: { ...fields, grant_type: "password", username, password }, status: 403 });
  const shown = { client_id: "my-account", grant_type: "http://auth0.com/oauth/grant-type/mfa-otp", mfa_token: first.mfa_token };
  return (await send("POST", "/oauth/token", { body: { ...shown, otp: await nextTotp(seed) }, status: 200 })).access_token;
}

let token;
await check("a login with the second factor gives a token for the API", async () => {
  token = await signIn();
});

await check("the factors and the methods are listed, and one is shown", async () => {
  const { factors } = await send("GET", "/me/v1/factors", { token, status: 200 });
  assert.ok(factors.some(({ type }) => type === "totp"), JSON.stringify(factors));
  const { authentication_methods: methods } = await send("GET", ME, { token, status: 200 });
  const types = methods.map(({ type }) => type);
  for (const type of ["totp", "phone", "email"]) assert.ok(types.includes(type), `${types}`);
  for (const { id } of methods) assert.equal((await send("GET", `${ME}/${encodeURIComponent(id)}`, { token, status: 200 })).id, id);
});

await check("a number is added, confirmed with its code and removed", async () => {
  await waitForNextSend();
  const phone_number = "+15555550188";
  const begun = await send("POST", ME, { token, body: { type: "phone", phone_number, preferred_authentication_method: "sms" }, status: 202 });
  const path = `${ME}/${encodeURIComponent(begun.id)}`;
  const code = await codeSentTo(phone_number);
  const confirm = (otp_code, status) =>
    send("POST", `${path}/verify`, { token, body: { auth_session: begun.auth_session, otp_code }, status });
  const refused = await confirm(wrong(code), 403);
  assert.equal(refused.type, "invalid_grant");
  assert.equal((await confirm(code, 201)).type, "phone");
  const named = await send("PATCH", path, { token, body: { name: "Work", preferred_authentication_method: "sms" }, status: 200 });
  assert.equal(named.name, "Work");
  await send("PATCH", path, { token, body: { preferred_authentication_method: "voice" }, status: 400 });
  await send("DELETE", path, { token, status: 204 });
  assert.equal((await send("GET", path, { token, status: 404 })).status, 404);
});

await check("the recovery code is replaced", async () => {
  const begun = await send("POST", ME, { token, body: { type: "recovery-code" }, status: 202 });
  assert.match(begun.recovery_code, /^[A-Z0-9]{24}$/);
  const path = `${ME}/${encodeURIComponent(begun.id)}`;
  const { auth_session } = begun;
  const shown = await send("POST", `${path}/verify`, { token, body: { auth_session }, status: 201 });
  assert.deepEqual([shown.id, shown.type], [begun.id, "recovery-code"]);
});

await check("an authenticator app is replaced", async () => {
  token = await signIn();
  const begun = await send("POST", ME, { token, body: { type: "totp" }, status: 202 });
  assert.match(begun.barcode_uri, /^otpauth:/);
  const body = { auth_session: begun.auth_session, otp_code: await currentTotp(begun.manual_input_code) };
  await send("POST", `${ME}/${encodeURIComponent(begun.id)}/verify`, { token, body, status: 201 });
});

await check("a password is set, and a weak one is refused", async () => {
  const fields = { client_id: "my-account", grant_type: "password", audience: `${https}me/`, scope: SCOPE.join(" ") };
  const user = { name: "new-password@example.com", password: "plum tractor lighthouse 7" };
  await addUser(user);
  const signedIn = await send("POST", "/oauth/token", { body: { ...fields, username: user.name, password: user.password }, status: 200 });
  const begun = await send("POST", ME, { token: signedIn.access_token, body: { type: "password" }, status: 202 });
  const set = (new_password, status) => send("POST", `${ME}/${encodeURIComponent(begun.id)}/verify`,
    { token: signedIn.access_token, body: { auth_session: begun.auth_session, new_password }, status });
  const refused = await set("password1", 400);
  assert.equal(refused.validation_errors[0].field, "new_password");
  assert.equal((await set("seven brown foxes at dusk", 201)).type, "password");
});

await check("what the API refuses is told with its status and its code", async () => {
  await send("GET", ME, { status: 401 });
  await send("GET", ME, { token: "none", status: 401 });
  await send("POST", ME, { token, body: { type: "telepathy" }, status: 400 });
  await send("GET", `${ME}/totp%7Cdev_07070707070707070707070707070707`, { token, status: 404 });
  await send("DELETE", `${ME}/totp%7Cdev_07070707070707070707070707070707`, { token, status: 404 });
});

finish();
