// Checks both examples of a protected API. Against a running `cargo local`, it uses
// tokens of real logins and forgeries of them. Against an issuer whose keys this check
// has, it uses tokens that are wrong in one respect.
//
// usage: NODE_EXTRA_CA_CERTS=CERTIFICATE node protected_apis.mjs HTTP_URL HTTPS_URL CERTIFICATE

import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { ABP_USER, AUDIENCE, PLAIN_USER, USER, check, codeSentTo, currentTotp, finish, https } from "../clients/service.mjs";
import { accepted, end, orders, refused, start, withoutScope } from "./apis.mjs";
import { assembled, jose, newKey, startIssuer, underPublicKey } from "./issuer.mjs";

async function post(path, fields, status = 200) {
  const response = await fetch(new URL(path, https), { method: "POST", body: new URLSearchParams(fields) });
  const answer = response.status === 204 ? {} : await response.json();
  assert.equal(response.status, status, `${path}: ${JSON.stringify(answer)}`);
  return answer;
}

const password = (user, scope) => ({
  grant_type: "password", client_id: "demo", username: user.name, password: user.password, audience: AUDIENCE, scope,
});

/** A whole login with a code by e-mail. */
async function logIn(user = USER) {
  const { mfa_token } = await post("/oauth/token", password(user, "openid profile read:sample offline_access"), 403);
  const challenge = { client_id: "demo", mfa_token, challenge_type: "oob", oob_channel: "email" };
  const { oob_code } = await post("/mfa/challenge", challenge);
  return post("/oauth/token", {
    grant_type: "http://auth0.com/oauth/grant-type/mfa-oob", client_id: "demo", mfa_token, oob_code,
    binding_code: await codeSentTo(user.email),
  });
}

async function realTokens() {
  const apis = await start(https.href, AUDIENCE, process.env.NODE_EXTRA_CA_CERTS);
  const tokens = await logIn();
  const good = tokens.access_token;
  const header = jose.decodeProtectedHeader(good);
  const claims = jose.decodeJwt(good);
  const set = await (await fetch(new URL(".well-known/jwks.json", https))).json();
  const published = set.keys.find((key) => key.kid === header.kid);
  const stranger = await newKey();
  const sign = (changes, key = stranger.privateKey) =>
    new jose.SignJWT(claims).setProtectedHeader({ ...header, ...changes }).sign(key);
  const strangersJwk = await jose.exportJWK(stranger.publicKey);
  const [, payload, signature] = good.split(".");
  const more = Buffer.from(JSON.stringify({ ...claims, sub: "another" })).toString("base64url");
  const abp = await post("/connect/token", {
    grant_type: "password", client_id: "AbpSolution1_App", username: PLAIN_USER.name, password: PLAIN_USER.password,
    scope: "AbpSolution1",
  });
  assert.deepEqual(jose.decodeJwt(abp.access_token).aud, ["AbpSolution1", new URL("/api/account/", https).href]);
  // Checks what the examples' README says about ID tokens.
  const identity = jose.decodeJwt(tokens.id_token);
  assert.deepEqual([identity.aud, identity.scope], ["demo", undefined]);
  const narrow = await post("/oauth/token", password(PLAIN_USER, "openid"));
  const refreshed = await post("/oauth/token", {
    grant_type: "refresh_token", client_id: "demo", refresh_token: tokens.refresh_token,
  });
  const wrong = [
    ["an id_token", tokens.id_token],
    ["a token for another audience", abp.access_token],
    ["a refresh token", tokens.refresh_token],
    ["a token that another key signed under the right key id", await sign({})],
    ["one that brings its key along", await sign({ jwk: strangersJwk })],
    ["one that brings its key along and names none", await sign({ jwk: strangersJwk, kid: undefined })],
    ["one without a key id", await sign({ kid: undefined })],
    ["one whose claims were changed", [good.split(".")[0], more, signature].join(".")],
    ["one cut short", good.slice(0, -8)],
    ["one without a signature", good.split(".").slice(0, 2).join(".") + "."],
    ["garbage", "garbage"],
    ["garbage in three parts", "a.b.c"],
    ...["none", "None", "NONE"].flatMap((alg) => [
      [`alg ${alg}`, assembled({ ...header, alg }, claims, () => "")],
      [`alg ${alg} with the old signature`, assembled({ ...header, alg }, claims, () => signature)],
    ]),
    ...underPublicKey(published, header, claims).map(([name, token]) => [`HS256 under ${name}`, token]),
  ];
  for (const api of apis) {
    await check(`${api.name} accepts the access token of a login and of its refresh`, async () => {
      const { sub, client_id, scope } = claims;
      assert.deepEqual(await accepted(api, good), { sub, client_id, scope });
      assert.equal((await accepted(api, refreshed.access_token)).sub, sub);
    });
    for (const [name, token] of wrong) {
      await check(`${api.name} refuses ${name}`, () => refused(api, token));
    }
    await check(`${api.name} answers 403 to a login without the scope`, () => withoutScope(api, narrow.access_token));
    await check(`${api.name} names no error to a request without a token`, async () => {
      for (const [authorization, query] of [
        [undefined], ["Basic ZGVtbzpkZW1v"], ["Bearer"], [good], [undefined, `?access_token=${good}`],
      ]) {
        const { status, challenge } = await orders(api, authorization, query);
        assert.deepEqual([status, challenge], [401, 'Bearer realm="orders"'], authorization);
      }
    });
    await check(`${api.name} still accepts the good one`, () => accepted(api, good));
  }
}

const DPOP = 'DPoP realm="orders", error="invalid_dpop_proof", algs="ES256 PS256 RS256 EdDSA"';

/** An app with a key of its own: its proofs (RFC 9449 4.2), with changes. */
async function keyHolder(alg = "ES256") {
  const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true });
  const jwk = await jose.exportJWK(publicKey);
  const proof = async (htm, htu, token, { claims, header, key = privateKey } = {}) => {
    const ath = createHash("sha256").update(token ?? "").digest("base64url");
    const iat = Math.floor(Date.now() / 1000);
    return new jose.SignJWT({ htm, htu, iat, jti: randomUUID(), ...(token && { ath }), ...claims })
      .setProtectedHeader({ typ: "dpop+jwt", alg, jwk, ...header }).sign(key);
  };
  return { proof, private: await jose.exportJWK(privateKey), thumbprint: await jose.calculateJwkThumbprint(jwk) };
}

/** A real token that is bound to a key, with right and wrong proofs. */
async function boundTokens() {
  const apis = await start(https.href, AUDIENCE, process.env.NODE_EXTRA_CA_CERTS);
  const [holder, thief] = [await keyHolder(), await keyHolder()];
  const path = new URL("/oauth/token", https).href;
  const response = await fetch(path, {
    method: "POST", headers: { dpop: await holder.proof("POST", path) },
    body: new URLSearchParams(password(PLAIN_USER, "openid read:sample")),
  });
  const { access_token: token, token_type: type } = await response.json();
  assert.equal(type, "DPoP");
  const plain = (await post("/oauth/token", password(PLAIN_USER, "openid read:sample"))).access_token;
  const now = Math.floor(Date.now() / 1000);
  for (const api of apis) {
    const url = `${api.url}/orders`;
    const ask = async (proof, scheme = "DPoP", shown = token) =>
      orders(api, `${scheme} ${shown}`, "", proof === undefined ? undefined : await proof);
    await check(`${api.name} accepts a bound token with a proof of its key`, async () => {
      for (const htu of [url, `${url}?page=1`]) {
        const answer = await ask(holder.proof("GET", htu, token));
        assert.equal(answer.status, 200, answer.challenge);
      }
    });
    const wrong = [
      ["no proof", undefined],
      ["another key's proof", thief.proof("GET", url, token)],
      ["another method", holder.proof("POST", url, token)],
      ["another path", holder.proof("GET", `${url}/1`, token)],
      ["another host", holder.proof("GET", "https://api.example/orders", token)],
      ["no URL", holder.proof("GET", "orders", token)],
      ["another token's hash", holder.proof("GET", url, plain)],
      ["no hash", holder.proof("GET", url)],
      ["a proof of yesterday", holder.proof("GET", url, token, { claims: { iat: now - 86_400 } })],
      ["a proof of tomorrow", holder.proof("GET", url, token, { claims: { iat: now + 86_400 } })],
      ["a proof without jti", holder.proof("GET", url, token, { claims: { jti: undefined } })],
      ["another type", holder.proof("GET", url, token, { header: { typ: "JWT" } })],
      ["a private key", holder.proof("GET", url, token, { header: { jwk: holder.private } })],
      ["two proofs", Promise.all([1, 2].map(() => holder.proof("GET", url, token))).then((both) => both.join(", "))],
      ["garbage", "a.b.c"],
    ];
    for (const [name, proof] of wrong) {
      await check(`${api.name} refuses a bound token with ${name}`, async () => {
        const answer = await ask(proof);
        assert.deepEqual([answer.status, answer.challenge], [401, DPOP]);
      });
    }
    await check(`${api.name} refuses a bound token as bearer, with and without a proof`, async () => {
      for (const proof of [undefined, holder.proof("GET", url, token)]) {
        const answer = await ask(proof, "Bearer");
        assert.deepEqual([answer.status, answer.challenge], [401, DPOP]);
      }
    });
    await check(`${api.name} refuses a token without a key as DPoP`, async () => {
      const answer = await ask(holder.proof("GET", url, plain), "DPoP", plain);
      assert.equal(answer.status, 401);
      assert.match(answer.challenge, /^Bearer realm="orders", error="invalid_token"/);
    });
  }
  // Clients know these by the URL of a gateway, which takes the front part of the path away.
  for (const place of ["https://api.example/shop", "https://api.example/shop/"]) {
    const behind = await start(https.href, AUDIENCE, process.env.NODE_EXTRA_CA_CERTS, { API_URL: place });
    for (const api of behind) {
      const ask = async (htu) => (await orders(api, `DPoP ${token}`, "", await holder.proof("GET", htu, token))).status;
      await check(`${api.name} at ${place} accepts a proof for the URL that clients use, and for no other`, async () => {
        assert.equal(await ask("https://api.example/shop/orders"), 200);
        for (const wrong of ["https://api.example/orders", "https://api.example/shop/shop/orders", `${api.url}/orders`]) {
          assert.equal(await ask(wrong), 401, wrong);
        }
      });
    }
  }
}

/** A login with a code by e-mail is not enough, and the app follows the challenge (RFC 9470 3). */
async function stepUp() {
  const apis = await start(https.href, AUDIENCE, process.env.NODE_EXTRA_CA_CERTS, { ACR_VALUES: "aal2" });
  const { access_token: weak, refresh_token } = await logIn(ABP_USER);
  let challenge;
  for (const api of apis) {
    await check(`${api.name} challenges a login with a code by e-mail`, async () => {
      const answer = await orders(api, `Bearer ${weak}`);
      ({ challenge } = answer);
      const wanted = 'Bearer realm="orders", error="insufficient_user_authentication", acr_values="aal2"';
      assert.deepEqual([answer.status, challenge, answer.body], [401, wanted, ""]);
    });
  }
  const acr_values = /acr_values="([^"]+)"/.exec(challenge)[1];
  const { mfa_token } = await post("/oauth/token", { grant_type: "refresh_token", client_id: "demo", refresh_token, acr_values }, 403);
  const { access_token: strong } = await post("/oauth/token", {
    grant_type: "http://auth0.com/oauth/grant-type/mfa-otp", client_id: "demo", mfa_token, otp: await currentTotp(ABP_USER.seed),
  });
  for (const api of apis) {
    await check(`${api.name} accepts the token that two calls without a browser gave`, () => accepted(api, strong));
  }
}

/** A login may be too old, and a machine's token has none. */
async function tooOld(issuer) {
  const now = Math.floor(Date.now() / 1000);
  const of = (claims) => issuer.token({ claims });
  const wanted = 'Bearer realm="orders", error="insufficient_user_authentication", acr_values="aal2 aal3", max_age="300"';
  for (const api of await start(issuer.url, AUDIENCE, "", { ACR_VALUES: "aal2 aal3", MAX_AGE: "300" })) {
    await check(`${api.name} accepts a login that is strong and young`, async () => {
      await accepted(api, await of({ acr: "aal2", auth_time: now - 290 }));
    });
    for (const [name, claims] of [
      ["too old", { acr: "aal2", auth_time: now - 400 }],
      ["too weak", { acr: "aal1", auth_time: now }],
      ["not there", { acr: undefined, auth_time: undefined }],
    ]) {
      await check(`${api.name} challenges a login that is ${name}`, async () => {
        const answer = await orders(api, `Bearer ${await of(claims)}`);
        assert.deepEqual([answer.status, answer.challenge], [401, wanted]);
      });
    }
  }
}

async function tokensWrongInOneThing(issuer) {
  const apis = await start(issuer.url, AUDIENCE);
  const now = Math.floor(Date.now() / 1000);
  const claim = (claims) => issuer.token({ claims });
  const head = (header) => issuer.token({ header });
  const hs = { header: { alg: "HS256", kid: "secret" }, key: issuer.secret };
  const right = [
    ["a good token", await issuer.token()],
    ["one of a P-256 key", await issuer.ecToken()],
    ["one for several audiences", await claim({ aud: ["another", AUDIENCE] })],
    ["one that expired within the leeway", await claim({ exp: now - 5 })],
    ["the whole name of the type", await head({ typ: "application/at+jwt" })],
  ];
  const wrong = [
    ["an expired one", await claim({ iat: now - 700, exp: now - 100 })],
    ["one without an end", await claim({ exp: undefined })],
    ["one that is not good yet", await claim({ nbf: now + 600 })],
    ["another issuer's name", await claim({ iss: "https://issuer.example/" })],
    ["the issuer's name without its slash", await claim({ iss: issuer.url.slice(0, -1) })],
    ["a list of issuers with the right one", await claim({ iss: [issuer.url, "https://issuer.example/"] })],
    ["no issuer", await claim({ iss: undefined })],
    ["another audience", await claim({ aud: "https://another.example/" })],
    ["an audience that only begins alike", await claim({ aud: `${AUDIENCE}/v2` })],
    ["no audience", await claim({ aud: undefined })],
    ["no subject", await claim({ sub: undefined })],
    ["no client", await claim({ client_id: undefined })],
    ["an id_token that is for this API", await head({ typ: "JWT" })],
    ["no type", await head({ typ: undefined })],
    ["another type", await head({ typ: "logout+jwt" })],
    ["RS512 by the right key", await issuer.tokenBy("RS512")],
    ["PS256 by the right key", await issuer.tokenBy("PS256")],
    ["the P-256 key under the RSA key's id", await issuer.ecToken({ header: { kid: "rsa" } })],
    ["a secret that the issuer publishes", await issuer.token(hs)],
    ["an extension that must be understood", await head({ crit: ["x"], x: 1 })],
  ];
  for (const api of apis) {
    const before = issuer.fetches;
    for (const [name, token] of right) {
      await check(`${api.name} accepts ${name}`, () => accepted(api, token));
    }
    for (const [name, token] of wrong) await check(`${api.name} refuses ${name}`, () => refused(api, token));
    for (const scope of [undefined, "", "read:samples", "openid profile"]) {
      const token = await claim({ scope });
      await check(`${api.name} answers 403 to the scope ${scope}`, () => withoutScope(api, token));
    }
    await check(`${api.name} does not ask the issuer for each key id that somebody invents`, async () => {
      for (let number = 0; number < 20; number += 1) await refused(api, await head({ kid: `invented ${number}` }));
      assert.equal(issuer.fetches - before, 1);
    });
  }
}

async function noKeys(issuer) {
  const token = await issuer.token();
  for (const [name, url] of [
    ["the issuer does not answer", "http://127.0.0.1:1/"],
    ["its metadata names another issuer", `${issuer.url}other/`],
  ]) {
    for (const api of await start(url, AUDIENCE)) {
      await check(`${api.name} answers 503 when ${name}`, async () => {
        for (let time = 0; time < 2; time += 1) {
          const { status, challenge, retryAfter } = await orders(api, `Bearer ${token}`);
          assert.deepEqual([status, challenge, retryAfter], [503, null, "5"]);
        }
      });
    }
  }
}

const issuer = await startIssuer(AUDIENCE);
try {
  await realTokens();
  await boundTokens();
  await stepUp();
  await tokensWrongInOneThing(issuer);
  await tooOld(issuer);
  await noKeys(issuer);
} finally {
  end();
  issuer.end();
  finish();
}
