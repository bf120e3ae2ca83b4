// What other libraries say about the same bytes: @simplewebauthn/server, and the PyPI package
// webauthn in a process of its own.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { verifyAuthenticationResponse, verifyRegistrationResponse } from "@simplewebauthn/server";
import { base64url } from "./authenticator.mjs";
import { ALGORITHMS, DOMAIN, ORIGINS } from "./relying_party.mjs";

/** Starts the judge in Python. The program of Python is an argument of this check. */
export function startJudges(python) {
  const script = fileURLToPath(new URL("judge.py", import.meta.url));
  const child = spawn(python, ["-B", script], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (question) => {
    child.stdin.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error("the judge in Python has ended");
    return JSON.parse(value);
  };
  return {
    /** What both say about a new passkey. */
    registration: async (response, { challenge }) => ({
      simplewebauthn: await told(() => verifyRegistrationResponse({
        response: JSON.parse(response), expectedChallenge: challenge, expectedOrigin: ORIGINS,
        expectedRPID: DOMAIN, requireUserVerification: false, supportedAlgorithmIDs: ALGORITHMS,
      })),
      webauthn: await ask({ kind: "registration", response, challenge, ...expected }),
    }),
    /**
     * What both say about a signature. `passkeys` are those that the service knows. A
     * service gives the libraries the passkey that the signature names.
     */
    assertion: async (response, { challenge }, passkeys) => {
      const named = passkeys.find(({ id }) => id === nameOf(response));
      if (!named) return { simplewebauthn: no("no such passkey"), webauthn: no("no such passkey") };
      const { id, publicKey, counter } = named;
      return {
        simplewebauthn: await told(() => verifyAuthenticationResponse({
          response: JSON.parse(response), expectedChallenge: challenge, expectedOrigin: ORIGINS,
          expectedRPID: DOMAIN, requireUserVerification: false, credential: { id, publicKey, counter },
        })),
        webauthn: await ask({
          kind: "assertion", response, challenge, key: base64url(publicKey), counter, ...expected,
        }),
      };
    },
    stop: () => child.stdin.end(),
  };
}

const expected = { domain: DOMAIN, origins: ORIGINS, algorithms: ALGORITHMS };
const no = (why) => ({ accepted: false, why });

async function told(judge) {
  try {
    const { verified } = await judge();
    return { accepted: verified, why: verified ? "" : "not verified" };
  } catch (error) {
    return no(error.message);
  }
}

/** The credential that a response names, however its bytes are written. */
function nameOf(response) {
  const { rawId } = JSON.parse(response);
  return typeof rawId === "string" ? base64url(Buffer.from(rawId, "base64")) : undefined;
}
