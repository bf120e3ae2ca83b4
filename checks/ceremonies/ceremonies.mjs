// Spoiled ceremonies of passkeys: the running service, @simplewebauthn/server and the PyPI
// package webauthn judge the same bytes. The service must accept nothing that one of the two
// refuses. The service needs COUNTERSIGN_PASSKEY_DOMAIN=example.com, COUNTERSIGN_WEB_DOMAIN=example.com and `--seed seed.json`.
//
// usage: NODE_EXTRA_CA_CERTS=CERTIFICATE node ceremonies.mjs HTTP_URL HTTPS_URL CERTIFICATE PYTHON PASSWORD-MANAGER

import assert from "node:assert/strict";
import { check, finish } from "../clients/service.mjs";
import { assertions } from "./assertions.mjs";
import { Authenticator, base64url, cbor, Pairs } from "./authenticator.mjs";
import { BOTH } from "./both.mjs";
import { DEPARTURES } from "./departures.mjs";
import { startJudges } from "./judges.mjs";
import { passwordManagers } from "./managers.mjs";
import { REGISTRATIONS } from "./registrations.mjs";
import {
  addPasskey, beginPasskey, beginSignIn, byPassword, DOMAIN, forgetPasskeys, ORIGIN, signIn,
} from "./relying_party.mjs";

const judges = startJudges(process.argv[5]);
const counts = { ceremonies: 0, accepted: 0, stricter: 0 };
const departed = new Set();

const word = (accepted) => accepted ? "accepts" : "refuses";

/** One line of the table. Fails if the service accepts what one of the two refuses. */
async function compare(name, answer, told) {
  const { simplewebauthn, webauthn } = told;
  counts.ceremonies += 1;
  counts.accepted += answer.accepted;
  const stricter = !answer.accepted && simplewebauthn.accepted && webauthn.accepted;
  counts.stricter += stricter;
  const looser = answer.accepted && !(simplewebauthn.accepted && webauthn.accepted);
  const reason = DEPARTURES[name];
  if (looser && reason) departed.add(name);
  const verdicts = [answer, simplewebauthn, webauthn].map(({ accepted }) => word(accepted).padEnd(8)).join(" ");
  const note = looser ? `  departure: ${reason ?? "none is known"}` : stricter ? "  the service is stricter" : "";
  console.log(`  ${name.padEnd(72)} ${verdicts}${note}`);
  if (!looser || reason) {
    // A refusal says so, and not that the service is broken.
    if (answer.accepted || (answer.status >= 400 && answer.status < 500)) return;
  }
  const why = `${answer.status}; ${simplewebauthn.why || "accepted"}; ${webauthn.why || "accepted"}`;
  await check(name, () => assert.fail(why));
}

const newAuthenticator = (algorithm = "ES256") => new Authenticator(algorithm, ORIGIN, DOMAIN);

/** Adds a passkey to the account, which both libraries accept too. */
async function enrol(token, authenticator, spoil) {
  const begun = await beginPasskey(token);
  const response = authenticator.create(begun.options, spoil);
  const answer = await addPasskey(begun, response, token);
  assert.equal(answer.status, 201, answer.text);
  const told = await judges.registration(response, begun.options);
  assert.ok(told.simplewebauthn.accepted && told.webauthn.accepted, JSON.stringify(told));
  return authenticator;
}

const known = (...authenticators) => authenticators.map((it) => ({
  id: base64url(it.credential), counter: it.counter, publicKey: cbor(new Pairs(it.members())),
}));

/** Signs in with the passkey, spoiled or not. */
async function attempt(authenticator, passkeys, spoil) {
  const begun = await beginSignIn();
  const response = authenticator.sign(begun.options, spoil);
  const answer = await signIn(begun, response);
  const told = await judges.assertion(response, begun.options, known(...passkeys));
  if (answer.accepted) {
    const data = Buffer.from(JSON.parse(response).response.authenticatorData, "base64");
    authenticator.counter = data.readUInt32BE(33);
  }
  return { answer, told };
}

async function spoiledRegistrations(user) {
  console.log(`\n  ${"new passkeys".padEnd(72)} service  simple   webauthn`);
  let token = await byPassword(user);
  const all = { "nothing is wrong": () => {}, ...BOTH, ...REGISTRATIONS };
  for (const [name, spoil] of Object.entries(all)) {
    const begun = await beginPasskey(token);
    const response = newAuthenticator().create(begun.options, spoil);
    const answer = await addPasskey(begun, response, token);
    await compare(`a new passkey: ${name}`, answer, await judges.registration(response, begun.options));
    if (name === "nothing is wrong") await check("the unspoiled passkey is added", () => assert.ok(answer.accepted, answer.text));
    if (answer.accepted) {
      await forgetPasskeys(user);
      token = await byPassword(user);
    }
  }
}

async function spoiledAssertions(kind, authenticator, others, spoils) {
  const passkeys = [authenticator, ...Object.values(others)];
  console.log(`\n  ${`signatures ${kind}`.padEnd(72)} service  simple   webauthn`);
  for (const [name, spoil] of Object.entries(spoils)) {
    const { answer, told } = await attempt(authenticator, passkeys, spoil);
    await compare(`${kind}: ${name}`, answer, told);
  }
  await check(`the passkey ${kind} signs in after all of this`, async () => {
    const { answer, told } = await attempt(authenticator, passkeys);
    assert.ok(answer.accepted && told.simplewebauthn.accepted && told.webauthn.accepted, answer.text);
  });
}

try {
  await passwordManagers(process.argv[6], "new@example.com");
  await spoiledRegistrations("new@example.com");
  const ann = await enrol(await byPassword("ann@example.com"), newAuthenticator());
  const { answer } = await attempt(ann, [ann]);
  const second = await enrol(answer.body.access_token, newAuthenticator());
  const stranger = await enrol(await byPassword("eve@example.com"), newAuthenticator());
  const bob = await enrol(await byPassword("bob@example.com"), newAuthenticator("RS256"));
  const others = { stranger, second };
  await spoiledAssertions("ES256", ann, others, { ...BOTH, ...assertions(others) });
  await spoiledAssertions("RS256", bob, others, assertions(others));
} finally {
  judges.stop();
}
const { ceremonies, accepted, stricter } = counts;
console.log(`\n${ceremonies} spoiled ceremonies: ${accepted} accepted, ${stricter} refused that both libraries accept`);
await check("every known departure was seen", () =>
  assert.deepEqual(Object.keys(DEPARTURES).filter((name) => !departed.has(name)), []));
finish();
