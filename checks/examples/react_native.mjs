// The quickstart for React Native. The package's own JavaScript runs; the native module is
// a stand-in, which sends what Auth0.Android sends and gives what the module's Kotlin gives.
//
// usage: NODE_EXTRA_CA_CERTS=CERTIFICATE node react_native.mjs HTTP_URL HTTPS_URL CERTIFICATE

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import {
  AUDIENCE, check, codeSentTo, finish, https, nextTotp, thrownBy, USER, waitForNextSend, wrong,
} from "../clients/service.mjs";
import { jose } from "./issuer.mjs";

const folder = new URL("../../examples/quickstarts/react-native/", import.meta.url);
// The bundler of another quickstart, because Metro bundles the app.
const esbuild = createRequire(new URL("../browser/package.json", folder))("esbuild");
const GRANT = "http://auth0.com/oauth/grant-type/mfa-";

async function ask(path, options) {
  const headers = { "content-type": "application/json; charset=utf-8", ...options.headers };
  const response = await fetch(new URL(path, https), { ...options, headers });
  const answer = await response.json();
  // As the module's `promise.reject(code, description, error)`.
  if (!response.ok) throw Object.assign(new Error(answer.error_description), { code: answer.error });
  return answer;
}
const post = (path, body) => ask(path, { method: "POST", body: JSON.stringify({ client_id: "demo", ...body }) });

globalThis.nativeModule = {
  hasValidAuth0InstanceWithConfiguration: async () => false,
  initializeAuth0WithConfiguration: async () => {},
  async getMfaAuthenticators(token) {
    const listed = await ask("mfa/authenticators", { headers: { authorization: `Bearer ${token}` } });
    return listed.map(({ id, type, authenticator_type, active, name, oob_channel }) =>
      ({ id, type, authenticatorType: authenticator_type, active, name, oobChannel: oob_channel }));
  },
  async mfaChallenge(mfa_token, authenticator_id) {
    const answer = await post("mfa/challenge", { mfa_token, challenge_type: "oob", authenticator_id });
    return { challengeType: answer.challenge_type, oobCode: answer.oob_code, bindingMethod: answer.binding_method };
  },
  async mfaVerify(mfa_token, type, code, binding_code) {
    const shown = type === "otp" ? { otp: code } : { oob_code: code, binding_code };
    const answer = await post("oauth/token", { grant_type: GRANT + type, mfa_token, ...shown });
    return {
      accessToken: answer.access_token, idToken: answer.id_token, tokenType: answer.token_type,
      refreshToken: answer.refresh_token, scope: answer.scope,
      expiresAt: Math.floor(Date.now() / 1000) + answer.expires_in,
    };
  },
};

/** `react` and `react-native`, as far as the package needs them here. */
const platform = {
  name: "platform",
  setup(build) {
    build.onResolve({ filter: /^react(-native)?(\/jsx-runtime)?$/ }, ({ path }) => ({ path, namespace: "platform" }));
    build.onLoad({ filter: /.*/, namespace: "platform" }, () => ({
      contents: `
        export const Platform = { OS: "android", select: (all) => all.android ?? all.default };
        export const Linking = {};
        export const TurboModuleRegistry = { getEnforcing: () => globalThis.nativeModule };
        const none = () => {};
        export { none as createContext, none as useContext, none as useEffect, none as useReducer,
          none as useCallback, none as useMemo, none as jsx, none as jsxs };
        export default {};`,
      loader: "js",
    }));
  },
};

/** The example, bundled as Metro would, for this service. */
async function example() {
  const contents = readFileSync(new URL("login.ts", folder), "utf8").replaceAll("localhost:8788", () => https.host);
  const { outputFiles } = await esbuild.build({
    stdin: { contents, resolveDir: fileURLToPath(folder), loader: "ts" },
    bundle: true, format: "esm", write: false, keepNames: true, logLevel: "error", mainFields: ["module", "main"],
    plugins: [platform],
  });
  const place = mkdtempSync(join(tmpdir(), "countersign-react-native-"));
  try {
    const file = join(place, "login.mjs");
    writeFileSync(file, outputFiles[0].text);
    return await import(pathToFileURL(file));
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

console.log("react-native-auth0");
const { auth0, signIn, sendCode, finishByEmail, finishByApp } = await example();
const password = () => signIn(USER.name, USER.password);

async function assertTokens({ accessToken, idToken, refreshToken, scope }) {
  assert.equal(scope, "openid profile email read:sample offline_access");
  assert.equal(jose.decodeJwt(accessToken).aud[0], AUDIENCE);
  assert.ok(idToken && refreshToken);
  const user = await auth0.auth.userInfo({ token: accessToken });
  assert.equal(user.email, USER.email);
}

await check("a password and a code by e-mail give tokens", async () => {
  await waitForNextSend();
  const login = await password();
  const email = login.authenticators.find(({ type }) => type === "email");
  const oobCode = await sendCode(login, email);
  const tokens = await finishByEmail(login, oobCode, await codeSentTo(USER.email));
  await assertTokens(tokens);
  const next = await auth0.auth.refreshToken({ refreshToken: tokens.refreshToken });
  assert.notEqual(next.refreshToken, tokens.refreshToken);
  await auth0.auth.revoke({ refreshToken: next.refreshToken });
});

await check("a password and an authenticator app give tokens", async () => {
  await assertTokens(await finishByApp(await password(), await nextTotp(USER.seed)));
});

await check("a user without a second factor gets tokens for the password", async () => {
  assert.ok((await signIn("plain@example.com", "pwd")).accessToken);
});

await check("a wrong password and a wrong code are the package's own errors, and the right code still works", async () => {
  const refused = await thrownBy(() => signIn(USER.name, "wrong"));
  assert.deepEqual([refused.constructor.name, refused.code, refused.status], ["AuthError", "invalid_grant", 403]);
  const login = await password();
  const code = await nextTotp(USER.seed);
  const error = await thrownBy(() => finishByApp(login, wrong(code)));
  assert.deepEqual([error.constructor.name, error.code, error.type], ["MfaError", "invalid_grant", "MFA_ERROR"]);
  assert.equal(error.message, "Invalid otp_code.");
  await assertTokens(await finishByApp(login, code));
  const over = await thrownBy(() => finishByApp(login, code));
  assert.equal(over.type, "EXPIRED_MFA_TOKEN");
});

finish();
