// auth0-spa-js: answers that the page did not ask for, and pages at origins that no client
// lists.

import assert from "node:assert/strict";
import { https } from "../clients/service.mjs";
import { addClient, signInPlainly } from "./app.mjs";
import { arrive, notRenewed, optionsOf, renewed } from "./spa_app.mjs";

export const strangers = ({ origin, unlisted, visit }) => ({
  async "a code that was given to another browser is refused by its state, and not exchanged"() {
    const other = await visit(optionsOf(origin));
    await other.leave("loginWithRedirect");
    await other.page.getByLabel("Password", { exact: true }).waitFor();
    // Without its program, the page leaves the answer in the address.
    await other.page.route("**/app.js", (route) => route.fulfill({ body: "" }));
    await signInPlainly(other.page);
    await other.page.waitForURL(`${origin}/?code=*`);
    const answer = other.page.url();
    await other.close();
    const app = await visit(optionsOf(origin));
    await app.leave("loginWithRedirect");
    await app.page.getByLabel("Password", { exact: true }).waitFor();
    await app.page.goto(answer);
    const { error } = await app.back();
    assert.deepEqual([error.kind, error.message], ["GenericError", "Invalid state"]);
    assert.deepEqual(app.to("/oauth/token"), []);
    return app;
  },

  async "an error comes back as AuthenticationError with the app's state"() {
    const app = await visit(optionsOf(origin));
    await app.leave("loginWithRedirect", { authorizationParams: { scope: "openid admin" } });
    const { error } = await app.back();
    assert.deepEqual([error.kind, error.error], ["AuthenticationError", "invalid_scope"]);
    return app;
  },

  async "a page at an unlisted origin gets no message: the browser does not show the answer in its frame"() {
    const app = await visit(optionsOf(origin));
    await arrive(app);
    await renewed(app);
    const { page } = app;
    // The stranger's page, in the browser that is signed in, sends what the app sends.
    const stranger = await page.context().newPage();
    await stranger.goto(`${unlisted}/`);
    const { url } = app.to("/authorize").at(-1);
    const answered = page.context().waitForEvent("response", (response) =>
      response.url() === url.href && response.frame().page() === stranger);
    const got = stranger.evaluate((url) => new Promise((done) => {
      const messages = [];
      addEventListener("message", (event) => messages.push(event.data));
      const frame = document.createElement("iframe");
      frame.onload = () => setTimeout(() => done(messages), 1000);
      frame.src = url;
      document.body.append(frame);
    }), url.href);
    const headers = await (await answered).allHeaders();
    assert.match(headers["content-security-policy"], new RegExp(`frame-ancestors ${origin};`));
    assert.deepEqual(await got, []);
    await app.close();
  },

  async "a client that lists no origin gets no message, and auth0-spa-js gives up"() {
    await addClient("spa-unlisted", origin);
    const app = await visit(optionsOf(origin, { clientId: "spa-unlisted" }));
    await arrive(app);
    const { kind, error } = await notRenewed(app, {}, { timeoutInSeconds: 2 });
    assert.deepEqual([kind, error], ["TimeoutError", "timeout"]);
    assert.equal(app.to("/authorize").at(-1).status, 400);
    await app.close();
  },

  async "a page at an unlisted origin may read no answer of the service, and the app may"() {
    const paths = ["oauth/token", "oauth/revoke", "userinfo", ".well-known/openid-configuration"];
    for (const [at, may] of [[origin, true], [unlisted, false]]) {
      const app = await visit(optionsOf(at), at);
      const reads = await app.page.evaluate((urls) => Promise.all(urls.map((url) =>
        fetch(url, { method: "POST" }).then(() => true, () => false))), paths.map((path) => `${https}${path}`));
      assert.deepEqual(reads, paths.map(() => may), at);
      await app.close();
    }
  },
});
