import { expect, test } from "bun:test";
import { join } from "node:path";

const node = join(import.meta.dir, "testdata/watched-main.ts");

async function sh(script: string): Promise<{ code: number; out: string; err: string }> {
  const shell = Bun.spawn(["/usr/bin/setsid", "/bin/bash", "-c", script, "bash", process.execPath, node], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([
    new Response(shell.stdout).text(),
    new Response(shell.stderr).text(),
  ]);
  return { code: await shell.exited, out, err };
}

const stopped = 'pid=$!; sleep 0.7; kill -TERM "$pid"; wait "$pid"';

test.each([
  ["a full disk", '"$@" 5000 >/dev/full 2>&1'],
  ["a closed descriptor", '"$@" 5000 >&- 2>&-'],
  ["a reader that is gone", '"$@" 5000 > >(exit 0)'],
  ["a reader that stalls", '"$@" 50000 > >(exec sleep 1.5)'],
])("a node whose log has %s goes on until it is stopped, and ends in time", async (_, command) => {
  expect((await sh(`${command} & ${stopped}`)).code).toBe(0);
});

test("a node that fails ends with its reason, even if nobody reads that", async () => {
  const read = await sh('"$@" 1 fail');
  expect(read.code).toBe(1);
  expect(read.err).toStartWith("Error: the node cannot go on\n");
  expect((await sh('"$@" 1 fail 2>/dev/full')).code).toBe(1);
});

test("an error that nobody has caught does not end the node", async () => {
  const { code, out } = await sh(`"$@" 1 unexpected & ${stopped}`);
  expect(code).toBe(0);
  expect(out).toContain("a promise that nobody looks at");
  expect(out).toContain("a timer that throws");
});

test("SIGHUP ends no node that has no terminal", async () => {
  const { code, out } = await sh(`"$@" 1 & pid=$!; sleep 0.5; kill -HUP "$pid"; sleep 0.2; ${stopped}`);
  expect(code).toBe(0);
  expect(out).toContain("SIGHUP changes nothing");
});

test("systemd's journal gets priorities and no times, from the stream that JOURNAL_STREAM means alone", async () => {
  const begin = 'exec 3>&1; export JOURNAL_STREAM="$(stat -Lc %d:%i /proc/self/fd/3)"; "$@" 1 fail';
  const { out, err } = await sh(`exec 2>&1; ${begin}`);
  expect(out).toStartWith('<6>level=info msg="A line" line=0\n<3>Error: the node cannot go on\n');
  expect(err).toBe("");
  const elsewhere = await sh(`${begin} >&2`);
  expect(elsewhere.err).toStartWith("time=");
  expect(elsewhere.err).toContain("\nError: the node cannot go on\n");
});

test("where no journal keeps the log, the node does so itself", async () => {
  const { out } = await sh(
    `export KEPT_LOG="$(mktemp -d)/log/k0s.log"; "$@" 2 keep >/dev/null & ${stopped}; cat "$KEPT_LOG"; rm -r "$(dirname "$(dirname "$KEPT_LOG")")"`,
  );
  expect(out).toMatch(/^time="[^"]+" level=info msg="A line" line=0\ntime=.* line=1\n$/);
});
