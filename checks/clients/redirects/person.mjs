// A person at the service's pages, without a browser: keeps cookies, follows redirects and
// sends forms. Also makes the clients of a check, by the operators' tool.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { AUDIENCE, currentTotp, https, operate } from "../service.mjs";

export const CALLBACK = "http://localhost:3999/callback";
export const GOODBYE = "http://localhost:3999/bye";

/** A client of this kind, with its secret. `{issuer}` in an audience stands for the issuer. */
export const addClient = (id, kind, ...more) =>
  operate("client", "add", id, "--for", kind, "--audience", AUDIENCE, ...more);

/** A client of the pages, which come back to `CALLBACK`. */
export const addWebClient = (id, kind = "web-server", ...more) =>
  addClient(id, kind, "--redirect-uri", CALLBACK, "--logout-uri", GOODBYE, "--scope", "read:sample", "--scope", "offline_access", ...more);

const unescape = (text) =>
  text.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(code)).replaceAll("&quot;", '"').replaceAll("&amp;", "&");
const attribute = (tag, name) => {
  const found = tag.match(new RegExp(`\\s${name}="([^"]*)"`));
  return found && unescape(found[1]);
};

export class Person {
  /** Cookies by host name, because a browser does not tell ports apart. */
  #cookies = new Map();

  constructor(user) {
    this.user = user;
  }

  async #send(url, options = {}) {
    const kept = [...(this.#cookies.get(url.hostname) ?? [])];
    // A browser trusts this machine as it trusts https.
    const trusted = url.protocol === "https:" || url.hostname === "localhost";
    const sent = kept.filter(([, { secure }]) => !secure || trusted);
    const cookie = sent.map(([name, { value }]) => `${name}=${value}`).join("; ");
    const headers = { ...options.headers, ...(cookie && { cookie }) };
    const answer = await fetch(url, { ...options, headers, redirect: "manual" });
    for (const line of answer.headers.getSetCookie()) this.#keep(url.hostname, line);
    return answer;
  }

  #keep(host, line) {
    const [pair, ...attributes] = line.split(/;\s*/);
    const at = pair.indexOf("=");
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    const lower = attributes.map((one) => one.toLowerCase());
    const expires = lower.find((one) => one.startsWith("expires="));
    const gone = lower.includes("max-age=0") || (expires && Date.parse(expires.slice(8)) <= Date.now());
    if (!this.#cookies.has(host)) this.#cookies.set(host, new Map());
    if (gone) this.#cookies.get(host).delete(name);
    else this.#cookies.get(host).set(name, { value, secure: lower.includes("secure") });
  }

  /**
   * Opens an address and follows its redirects. Stops at a page, or before an address that
   * begins with `stop`, and returns `{url, status, html}`.
   */
  async open(address, { stop, ...options } = {}) {
    let url = new URL(address);
    let answer = await this.#send(url, options);
    for (let hops = 0; answer.status >= 300 && answer.status < 400; hops += 1) {
      assert.ok(hops < 10, `too many redirects: ${url}`);
      url = new URL(answer.headers.get("location"), url);
      if (stop && url.href.startsWith(stop)) return { url, status: answer.status };
      answer = await this.#send(url);
    }
    return { url, status: answer.status, html: await answer.text() };
  }

  /** The form of a page, with the values that it holds. */
  form(page) {
    const html = page.html?.match(/<form[^>]*>[\s\S]*?<\/form>/)?.[0];
    assert.ok(html, `no form at ${page.url}: ${page.status} ${page.html}`);
    const inputs = [...html.matchAll(/<input[^>]*>/g)].map(([tag]) => [attribute(tag, "name"), attribute(tag, "value") ?? ""]);
    return { action: new URL(attribute(html, "action") ?? "", page.url), fields: new URLSearchParams(inputs) };
  }

  /** Fills the form of a page in and sends it. */
  async submit(page, values, options = {}) {
    const { action, fields } = this.form(page);
    for (const [name, value] of Object.entries(values)) {
      assert.ok(fields.has(name), `no input ${name} at ${page.url}`);
      fields.set(name, value);
    }
    const headers = { origin: page.url.origin, "content-type": "application/x-www-form-urlencoded" };
    return this.open(action, { method: "POST", headers, body: `${fields}`, ...options });
  }

  /**
   * Signs in, from an app's request on: password, and the code of the authenticator app if
   * the user has one. Returns what leads back to the app: `{url}`, or the page with the form
   * of `response_mode=form_post`.
   */
  async signIn(address, { stop = CALLBACK, code = () => currentTotp(this.user.seed) } = {}) {
    let page = await this.open(address, { stop });
    page = await this.submit(page, { username: this.user.name, password: this.user.password }, { stop });
    if (page.html && this.form(page).fields.has("token")) page = await this.submit(page, { token: await code() }, { stop });
    assert.ok(page.url.href.startsWith(stop) || this.form(page).action.href.startsWith(stop), `${page.url} ${page.html}`);
    return page;
  }

  /** The request by which a browser sends the answer of `response_mode=form_post` to the app. */
  posted(page) {
    const { action, fields } = this.form(page);
    return new Request(action, { method: "POST", body: fields });
  }
}

/** Serves an app on a free port of loopback. Returns the port, and what closes it. */
export async function serve(handler) {
  const server = createServer(handler);
  await new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  return { port: server.address().port, close: () => { server.closeAllConnections(); server.close(); } };
}

/** Asserts that an answer names its issuer (RFC 9207), and has this state. */
export function assertAnswer(parameters, state) {
  assert.deepEqual([parameters.get("iss"), parameters.get("state"), parameters.get("error")], [https.href, state, null]);
  assert.ok(parameters.get("code"));
}
