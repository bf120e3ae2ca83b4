// auth0-spa-js with `useDpop`: tokens that are bound to the browser's key (RFC 9449), nonces,
// and `createFetcher` at an API and at the service.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { advance, https, USER } from "../clients/service.mjs";
import { API, claimsOf, signIn } from "./app.mjs";
import { arrive, notRenewed, optionsOf, renewed } from "./spa_app.mjs";

const BOUND = { useDpop: true, useRefreshTokens: true, cacheLocation: "localstorage" };

const example = fileURLToPath(new URL("../../examples/protected-api-js/protected-api.mjs", import.meta.url));

/**
 * Starts the example of a protected API, behind the app's own origin. `work` gets what answers
 * for the API, and what starts the API.
 */
export async function withApi(work) {
  const api = {};
  const forward = async (request, response) => {
    const { authorization, dpop } = request.headers;
    const headers = Object.fromEntries(Object.entries({ authorization, dpop }).filter(([, value]) => value));
    const answer = await fetch(`${api.url}${request.url}`, { headers });
    const challenge = answer.headers.get("www-authenticate");
    response.writeHead(answer.status, challenge ? { "www-authenticate": challenge } : {});
    response.end((await answer.text()) || "{}");
  };
  /** Starts the API. A proof names the address that the browser knows. */
  const start = async (origin) => {
    const settings = { ISSUER: https.href, AUDIENCE: API, ADDRESS: "127.0.0.1:0", API_URL: origin };
    const env = { ...process.env, ...settings };
    api.process = spawn(process.execPath, [example], { env, stdio: ["ignore", "pipe", "inherit"] });
    const [line] = await once(api.process.stdout, "data");
    [, api.url] = /^ready (\S+)/.exec(String(line));
  };
  try {
    await work(forward, start);
  } finally {
    api.process?.kill();
  }
}

const statuses = (app, path) => app.to(path).map(({ status }) => status);
const ask = async (app, url, config) => {
  const { value, error } = await app.page.evaluate((given) => globalThis.ask(...given), [url, config, API]);
  assert.equal(error, undefined, JSON.stringify(error));
  return value;
};

export const dpop = ({ origin, visit }) => ({
  async "DPoP: a sign-in is bound to the key that /authorize was told of, and so is each renewal"() {
    const app = await visit(optionsOf(origin, BOUND));
    await arrive(app, signIn);
    const { token_type: type, access_token: token } = await app.done("getTokenSilently", { detailedResponse: true });
    assert.equal(type, "DPoP");
    const { jkt } = claimsOf(token).cnf;
    assert.equal(app.to("/authorize")[0].url.searchParams.get("dpop_jkt"), jkt);
    assert.equal(claimsOf(await renewed(app)).cnf.jkt, jkt);
    await app.reload();
    assert.equal(claimsOf(await renewed(app)).cnf.jkt, jkt);
    return app;
  },

  async "DPoP: a renewal by web_message is bound to the same key"() {
    const app = await visit(optionsOf(origin, { useDpop: true }));
    await arrive(app);
    const { jkt } = claimsOf(await app.done("getTokenSilently")).cnf;
    assert.equal(claimsOf(await renewed(app)).cnf.jkt, jkt);
    return app;
  },

  async "DPoP: the client's fetch is taken by an API and by userinfo, and the same token as a bearer is not"() {
    const app = await visit(optionsOf(origin, BOUND));
    await arrive(app);
    const token = await app.done("getTokenSilently");
    const order = await ask(app, "/orders", { baseUrl: origin, dpopNonceId: "orders" });
    assert.deepEqual([order.status, order.body.sub], [200, claimsOf(token).sub]);
    const user = await ask(app, `${https}userinfo`, { dpopNonceId: "userinfo" });
    assert.deepEqual([user.status, user.body.email], [200, "plain@example.com"]);
    for (const url of [`${origin}/orders`, `${https}userinfo`]) {
      const status = await app.page.evaluate(async ([url, token]) =>
        (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status, [url, token]);
      assert.equal(status, 401, url);
    }
    await app.close();
  },

  async "DPoP: without the key, the refresh token renews nothing"() {
    const app = await visit(optionsOf(origin, BOUND));
    await arrive(app);
    await app.page.goto(`${origin}/blank`);
    const removed = await app.page.evaluate(async () => {
      const databases = await indexedDB.databases();
      await Promise.all(databases.map(({ name }) => new Promise((done, failed) =>
        Object.assign(indexedDB.deleteDatabase(name), { onsuccess: done, onerror: failed }))));
      return databases.length;
    });
    assert.equal(removed, 1);
    await app.begin(optionsOf(origin, BOUND));
    const { error, message } = await notRenewed(app);
    assert.deepEqual([error, message], ["invalid_grant", "The token is bound to another key than that of the DPoP proof."]);
    return app;
  },

  async "DPoP: with refresh tokens in memory, an old nonce beside the right time renews"() {
    const app = await visit(optionsOf(origin, { useDpop: true, useRefreshTokens: true }));
    await app.page.clock.setFixedTime(1000 * await advance(0));
    await arrive(app);
    await renewed(app);
    await app.page.clock.setFixedTime(1000 * await advance(1200));
    await renewed(app);
    assert.deepEqual(statuses(app, "/oauth/token"), [200, 200, 200]);
    return app;
  },

  async "DPoP: with a clock that is an hour wrong, each request is sent again with the nonce"() {
    await advance(3600);
    const app = await visit(optionsOf(origin, BOUND));
    await arrive(app);
    assert.deepEqual(statuses(app, "/oauth/token"), [400, 200]);
    await renewed(app);
    assert.deepEqual(statuses(app, "/oauth/token"), [400, 200, 200]);
    // Another nonce for userinfo, which has none yet.
    const user = await ask(app, `${https}userinfo`, { dpopNonceId: "userinfo" });
    assert.equal(user.status, 200);
    assert.deepEqual(statuses(app, "/userinfo"), [401, 200]);
    await advance(1200);
    await renewed(app);
    assert.deepEqual(statuses(app, "/oauth/token"), [400, 200, 200, 400, 200]);
    return app;
  },
});
