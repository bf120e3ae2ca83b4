// Runs clients through `prism proxy --errors` on Auth0's own OpenAPI documents: each answer
// of the service must be one that the documents allow. Departures that are known are in
// departures.mjs, each with its reason. DOCUMENTS is the folder with the two documents. A
// SCRIPT is named from checks/. PYTHON runs those that are in Python.
//
// The clients speak https to this script, which is the issuer. What the document describes
// goes on through Prism, and everything else (discovery, the pages) straight to the service.
//
// usage: NODE_EXTRA_CA_CERTS=DATA/ca.pem node answers.mjs HTTP_URL HTTPS_URL DATA DOCUMENTS SCRIPT...

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { departures, methods } from "./departures.mjs";
import { amended } from "./documents.mjs";

const [service, issuer, data, documents, ...scripts] = process.argv.slice(2);
if (scripts.length === 0) {
  console.error("usage: NODE_EXTRA_CA_CERTS=DATA/ca.pem node answers.mjs HTTP_URL HTTPS_URL DATA DOCUMENTS SCRIPT...");
  process.exit(2);
}

const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

const folder = mkdtempSync(join(tmpdir(), "countersign-prism-"));
const document = amended(documents);
writeFileSync(join(folder, "document.json"), JSON.stringify(document));
const operations = Object.entries(document.paths).flatMap(([path, item]) => {
  const pattern = new RegExp(`^${path.replaceAll(/\{[^}]*\}/g, "[^/]+")}$`);
  return methods(item).map(([method]) => ({ name: `${method.toUpperCase()} ${path}`, method: method.toUpperCase(), pattern }));
});
const described = (request) => {
  const { pathname } = new URL(request.url, issuer);
  return operations.find(({ method, pattern }) => method === request.method && pattern.test(pathname));
};

/** Sends a request on, and hands its answer to `then`. */
function send(request, response, base, then) {
  const options = { method: request.method, headers: request.headers };
  const sent = http.request(new URL(request.url, base), options, then);
  sent.on("error", (error) => response.writeHead(502).end(`${error}`));
  request.pipe(sent);
}

// Prism would follow a redirect itself, so it does not see the address. This part lets it
// see the status, and `forward` gives the address back.
const hidden = http.createServer((request, response) => send(request, response, service, (answer) => {
  const { location, ...headers } = answer.headers;
  const redirects = answer.statusCode >= 300 && answer.statusCode < 400;
  response.writeHead(answer.statusCode, redirects ? { ...headers, "x-location": location } : answer.headers);
  answer.pipe(response);
}));
await new Promise((resolve) => hidden.listen(0, "127.0.0.1", resolve));

const port = await freePort();
const prism = spawn(process.execPath, [
  fileURLToPath(new URL("node_modules/@stoplight/prism-cli/dist/index.js", import.meta.url)),
  "proxy", join(folder, "document.json"), `http://127.0.0.1:${hidden.address().port}`, "--errors", "--validate-request", "false", "--port", `${port}`, "--verboseLevel", "silent",
], { stdio: ["ignore", "inherit", "inherit"] });

/** How often each operation was called, and what Prism complained of. */
const called = new Map();
const violations = new Map();

/** Notes what Prism says of an answer. */
function note({ name }, body) {
  called.set(name, (called.get(name) ?? 0) + 1);
  if (!body.includes("stoplight.io/prism/errors")) return;
  const { type, status, validation, detail } = JSON.parse(body);
  const told = `${name}: ${status} ${type.split("#")[1]} ${JSON.stringify(validation ?? detail)}`;
  violations.set(told, (violations.get(told) ?? 0) + 1);
}

function forward(request, response) {
  const operation = described(request);
  send(request, response, operation ? `http://127.0.0.1:${port}` : service, async (answer) => {
    const { "x-location": location, ...headers } = answer.headers;
    const body = Buffer.concat(await answer.toArray());
    if (operation) note(operation, body);
    response.writeHead(answer.statusCode, location ? { ...headers, location } : headers).end(body);
  });
}

const certificate = { key: readFileSync(join(data, "server.key")), cert: readFileSync(join(data, "server.pem")) };
const server = https.createServer(certificate, forward);
await new Promise((resolve) => server.listen(Number(new URL(issuer).port), "127.0.0.1", resolve));

async function listening() {
  for (let tries = 0; tries < 600; tries += 1) {
    if (prism.exitCode !== null) throw new Error(`Prism ended: ${prism.exitCode}`);
    const answered = await fetch(`http://127.0.0.1:${port}/`).then(() => true, () => false);
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("Prism does not answer");
}

const run = (script) => new Promise((resolve) => {
  const path = fileURLToPath(new URL(`../${script}`, import.meta.url));
  const certificates = join(data, "ca.pem");
  const env = { ...process.env, REQUESTS_CA_BUNDLE: certificates, SSL_CERT_FILE: certificates };
  const running = script.endsWith(".py")
    ? spawn(process.env.PYTHON ?? "python3", [path, service, issuer], { stdio: "inherit", env })
    : spawn(process.execPath, [path, service, issuer, certificates], { stdio: "inherit" });
  running.on("exit", (code) => resolve(code === 0));
});

let good = true;
try {
  await listening();
  for (const script of scripts) good = (await run(script)) && good;
} finally {
  prism.kill();
  for (const one of [server, hidden]) {
    one.closeAllConnections();
    one.close();
  }
  rmSync(folder, { recursive: true });
}

console.log("through Prism:");
for (const [name, count] of [...called].toSorted()) console.log(`  ${name}: ${count} calls`);
for (const [told, count] of violations) console.log(`  VIOLATION (${count} times): ${told}`);
console.log(`known departures: ${departures.length}`);
for (const { why } of departures) console.log(`  ${why}`);
if (called.size === 0 || violations.size > 0) good = false;
process.exitCode = good ? 0 : 1;
