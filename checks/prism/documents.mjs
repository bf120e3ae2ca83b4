// Auth0's own OpenAPI documents in one, with the known departures of departures.mjs. As a
// script, writes the document with those operations only that a service has, and says on
// stderr which the service does not have.
//
// usage: node documents.mjs DOCUMENTS HTTP_URL > DOCUMENT

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { departures, methods } from "./departures.mjs";

/** Both documents in one. The names of the second document's parts get a word before them. */
function joined(folder) {
  const read = (name) => readFileSync(join(folder, name), "utf8");
  const document = JSON.parse(read("authentication-api-oas.json"));
  const own = JSON.parse(read("myaccount-api-oas.json").replaceAll(/"(#\/components\/\w+\/)/g, '"$1MyAccount'));
  for (const [path, item] of Object.entries(own.paths)) document.paths[`/me/v1${path}`] = item;
  for (const [section, parts] of Object.entries(own.components)) {
    document.components[section] ??= {};
    for (const [name, part] of Object.entries(parts)) document.components[section][`MyAccount${name}`] = part;
  }
  return document;
}

/** The documents in this folder with the known departures. */
export function amended(folder) {
  const document = joined(folder);
  for (const { why, amend } of departures) {
    const before = JSON.stringify(document);
    amend(document);
    if (JSON.stringify(document) === before) throw new Error(`the documents need no departure: ${why}`);
  }
  return document;
}

/** Leaves out the operations that `own` does not have. Gives their names. */
function leaveOut(document, own) {
  const shape = (path) => path.replaceAll(/\{[^}]*\}/g, "{}");
  const names = (paths) => Object.entries(paths).flatMap(([path, item]) =>
    methods(item).map(([method]) => `${method.toUpperCase()} ${shape(path)}`));
  const there = new Set(names(own.paths));
  const absent = names(document.paths).filter((name) => !there.has(name));
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [method] of methods(item)) {
      if (!there.has(`${method.toUpperCase()} ${shape(path)}`)) delete item[method];
    }
    if (methods(item).length === 0) delete document.paths[path];
  }
  return absent;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, service] = process.argv.slice(2);
  const document = amended(folder);
  const own = await (await fetch(new URL("/_local/openapi.json", service))).json();
  const absent = leaveOut(document, own);
  console.error(`operations that the service does not have: ${absent.length}`);
  for (const name of absent) console.error(`  ${name}`);
  process.stdout.write(JSON.stringify(document));
}
