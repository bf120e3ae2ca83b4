// Starts the programs of the quickstarts, and reads what they print.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const quickstarts = fileURLToPath(new URL("../../examples/quickstarts/", import.meta.url));
const children = new Set();

/** A running program of a quickstart, with these settings in its environment. */
export function run(name, settings, command, ...words) {
  const child = spawn(command, words, { cwd: quickstarts + name, env: { ...process.env, ...settings } });
  children.add(child);
  const said = [];
  let woken = () => {};
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => { said.push(line); woken(); });
  }
  let code;
  child.once("error", (error) => said.push(String(error)));
  child.once("close", (status) => { code = status ?? -1; woken(); });
  const change = () => new Promise((now) => { woken = now; });
  const all = () => `${name}:\n${said.join("\n")}`;
  return {
    say: (line) => child.stdin.write(`${line}\n`),
    /** Waits for a line that begins so, and gives the rest of the line. */
    async line(beginning) {
      for (;;) {
        const found = said.find((line) => line.startsWith(beginning));
        if (found !== undefined) return found.slice(beginning.length).trim();
        assert.equal(code, undefined, `it ended before "${beginning}": ${all()}`);
        await change();
      }
    },
    /** Waits for the end, which must have this status. */
    async ended(status) {
      while (code === undefined) await change();
      assert.equal(code, status, all());
    },
  };
}

/** Stops the programs that still run. */
export function stop() {
  for (const child of children) child.kill();
}
