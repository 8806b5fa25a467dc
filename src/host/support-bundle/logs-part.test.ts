import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodePaths } from "../../product/paths.ts";
import { collectAll } from "./collect.ts";
import { logsPart } from "./logs-part.ts";

let dir = "";
const path = process.env["PATH"];
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), "k0s-logs-part-"))));
afterEach(() => {
  process.env["PATH"] = path;
  rmSync(dir, { recursive: true, force: true });
});

const entry = (second: number): string =>
  JSON.stringify({
    __CURSOR: `c${second}`,
    __REALTIME_TIMESTAMP: String(second * 1_000_000),
    MESSAGE: `level=info msg="line ${second}"`,
  });

test("a journal that takes too long costs the older lines alone, and the bundle says so", async () => {
  const program = join(dir, "journalctl");
  writeFileSync(
    program,
    `#!/bin/sh\ncase "$*" in *--reverse*) printf '%s\\n' '${entry(2)}' '${entry(1)}'; exec sleep 60;; *--lines=1*) printf '%s\\n' '${entry(2)}';; *) exec sleep 60;; esac\n`,
  );
  chmodSync(program, 0o755);
  process.env["PATH"] = `${dir}:${path}`;
  const paths = nodePaths({ dataDir: join(dir, "data"), runDir: join(dir, "run") });
  const part = logsPart(paths, { since: 0, limit: 1_000, program: join(dir, "k0s"), forMs: 1_000 });
  const { files, missing } = await collectAll([part], {
    timeoutMs: 4_000,
    signal: new AbortController().signal,
  });
  const log = files.find((file) => file.path === "logs/k0s.log")?.text ?? "";
  expect(log.match(/line \d/g)).toEqual(["line 1", "line 2"]);
  expect(missing).toEqual([
    { part: "logs", why: expect.stringContaining("only its end could be read in 1000 ms") },
  ]);
}, 10_000);
