import { expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "../../std/logfmt.ts";
import { pollUntil } from "../../std/wait.ts";
import { dropInMarks, followDropIns } from "./drop-ins.ts";

test("a valid change is adopted once, a wrong one not at all, other files do not count", async () => {
  const dir = await mkdtemp(join(tmpdir(), "drop-ins-"));
  const stopping = new AbortController();
  let problem: string | undefined;
  let asked = 0;
  let adopted = 0;
  const options = {
    dir,
    log: silentLogger(),
    problem: async () => ((asked += 1), problem),
    adopt: async () => void (adopted += 1),
  };
  await writeFile(join(dir, "old.toml"), "version = 3\n");
  const following = followDropIns(options, await dropInMarks(dir), stopping.signal);
  const askedAgain = (times: number) =>
    pollUntil(() => asked >= times, { what: "a look", intervalMs: 20, timeoutMs: 30_000 });
  try {
    await writeFile(join(dir, "a.toml"), "version = 3\n");
    await writeFile(join(dir, "b.toml"), "version = 3\n");
    await askedAgain(1);
    await pollUntil(() => adopted === 1, { what: "adoption", intervalMs: 20, timeoutMs: 30_000 });
    problem = "nonsense";
    await writeFile(join(dir, "b.toml"), "nonsense\n");
    await askedAgain(2);
    problem = undefined;
    await writeFile(join(dir, "notes.txt"), "not for containerd\n");
    await rm(join(dir, "b.toml"));
    await askedAgain(3);
    await pollUntil(() => adopted === 2, { what: "adoption", intervalMs: 20, timeoutMs: 30_000 });
    expect(asked).toBe(3);
  } finally {
    stopping.abort();
    await Promise.allSettled([following]);
    await rm(dir, { recursive: true, force: true });
  }
});
