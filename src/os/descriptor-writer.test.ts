import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pollUntil } from "../std/wait.ts";
import { isSameFile } from "./descriptor-writer.ts";

let dir = "";
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), "k0s-writer-"))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const main = join(import.meta.dir, "testdata/blocked-log-main.ts");
const life = (): string => join(dir, "life");
const lines = 4_000;

/** Runs the writer with what a shell makes of its standard output, which `"$@"` stands for the writer in. */
async function runIn(script: string): Promise<{ code: number; output: string }> {
  const shell = Bun.spawn(
    ["/bin/bash", "-c", script, "bash", process.execPath, main, life(), String(lines)],
    {
      cwd: dir,
      stdout: "pipe",
      stderr: "inherit",
    },
  );
  const output = await new Response(shell.stdout).text();
  return { code: await shell.exited, output };
}

const keptAndLost = (output: string): number => {
  const lost = [...output.matchAll(/LOST (\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
  return (output.match(/^line \d+ x+$/gm)?.length ?? 0) + lost;
};

test.each([
  ["a pipe", '"$@" | cat'],
  ["a file", '"$@" >out; cat out'],
])("everything arrives in order in %s", async (_, script) => {
  const { code, output } = await runIn(script);
  expect(code).toBe(0);
  expect(keptAndLost(output)).toBe(lines);
});

/** The journal reads such a one; it cannot be opened again by /proc/self/fd. */
test("everything arrives in order in a socket", async () => {
  const args = ["-e", socketRelay, process.execPath, main, life()];
  const relay = Bun.spawn([process.execPath, ...args], { stdout: "pipe" });
  expect(keptAndLost(await new Response(relay.stdout).text())).toBe(lines);
});

const socketRelay = `
const { spawn } = require("node:child_process");
const { createServer, connect } = require("node:net");
const path = process.argv.at(-1) + ".sock";
const server = createServer((socket) => {
  socket.on("data", (bytes) => process.stdout.write(bytes));
  socket.on("end", () => process.exit(0));
});
server.listen(path, () => {
  const writer = connect(path, () => {
    const child = spawn(process.argv[1], [process.argv[2], process.argv[3], "${lines}"], {
      stdio: ["ignore", writer, "inherit"],
    });
    child.on("exit", () => writer.destroy());
  });
});
`;

test("a reader that stalls holds nothing up, and is told what it missed", async () => {
  const { code, output } = await runIn('"$@" | (while ! [ -e life ]; do sleep 0.05; done; cat)');
  expect(code).toBe(0);
  expect(Number(readFileSync(life(), "utf8"))).toBeLessThan(1_000);
  expect(output).toContain("its reader does not keep up");
  expect(keptAndLost(output)).toBe(lines);
}, 20_000);

test.each([
  ["a full device", '"$@" >/dev/full'],
  ["a closed descriptor", '"$@" >&-'],
  ["a reader that went away", '"$@" | true; while ! [ -e life ]; do sleep 0.05; done'],
])("%s ends nothing", async (_, script) => {
  const { code } = await runIn(script);
  expect(code).toBe(0);
  await pollUntil(() => existsSync(life()), { what: "its end", intervalMs: 10, timeoutMs: 10_000 });
});

test("two names of one file are known as one", () => {
  expect(isSameFile(1, 1)).toBe(true);
  expect(isSameFile(1, 987)).toBe(false);
});
