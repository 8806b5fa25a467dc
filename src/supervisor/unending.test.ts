import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../std/errors.ts";
import { pollUntil } from "../std/wait.ts";
import { ComponentGroup } from "./group.ts";
import { isOurs, leftProcesses } from "./left-over.ts";
import { type ProcessComponent, processComponent } from "./process-component.ts";
import { type Logged, recordingLog } from "./testdata/recording-log.ts";

let dir = "";
const lines: Logged[] = [];
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), "k0s-unending-"))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const never = new AbortController().signal;
const pidFile = () => join(dir, "run", "thing.pid");

function sleeper(name = "thing"): ProcessComponent {
  return processComponent({
    process: {
      name,
      command: "/bin/sh",
      args: ["-c", "exec sleep 60"],
      cwd: dir,
      pidFile: join(dir, "run", `${name}.pid`),
      log: recordingLog(lines),
      stopTimeoutMs: 50,
      killTimeoutMs: 200,
      pidFileRetryMs: 20,
    },
    readiness: { what: "the thing", intervalMs: 5, probe: async () => true },
  });
}

/** From now on not even SIGKILL brings the process to its end, until it is let go. */
async function hold(pid: number): Promise<AsyncDisposable & { readonly pid: number }> {
  const script = join(import.meta.dir, "testdata/hold.ts");
  const holder = Bun.spawn([process.execPath, script, String(pid)], { stdout: "pipe", stderr: "inherit" });
  const { value } = await holder.stdout.getReader().read();
  expect(new TextDecoder().decode(value)).toBe("held\n");
  return {
    pid,
    async [Symbol.asyncDispose]() {
      holder.kill("SIGKILL");
      await holder.exited;
    },
  };
}

const isRoot = process.geteuid?.() === 0;

test.skipIf(!isRoot)(
  "a stop ends though a process does not, stops all others, names it, and leaves its pid file for the next start",
  async () => {
    const stuck = sleeper();
    const other = sleeper("other");
    const log = recordingLog(lines);
    const group = new ComponentGroup({ name: "node", components: [other, stuck], log });
    await group.start(never);
    const pid = stuck.inspect?.().pid ?? 0;
    {
      await using held = await hold(pid);
      const failure: unknown = await group.stop().catch((err: unknown) => err);
      expect(failure).toBeInstanceOf(UserError);
      expect(String(failure)).toContain(`thing: thing (pid ${pid}) has not ended 0s after SIGKILL: `);
      expect(failure).toMatchObject({ hint: expect.stringContaining("dmesg") });
      expect(readFileSync(pidFile(), "utf8")).toBe(`${held.pid}\n`);
      expect(await leftProcesses(join(dir, "run"))).toMatchObject([{ name: "thing", pid }]);
      expect(existsSync(join(dir, "run", "other.pid"))).toBe(false);
      expect(group.statuses().map(({ state }) => state)).toEqual(["stopped", "failed"]);
    }
    await stuck.stop();
    expect(existsSync(pidFile())).toBe(false);
  },
);

test.skipIf(!isRoot)(
  "a stop that gives up leaves nothing that goes on trying to write the pid file",
  async () => {
    const stuck = sleeper();
    symlinkSync(join(dir, "away"), join(dir, "run"));
    await stuck.start(never);
    {
      await using held = await hold(stuck.inspect?.().pid ?? 0);
      expect(await stuck.stop().then(() => "ended", String)).toContain(`(pid ${held.pid}) has not ended`);
      rmSync(join(dir, "run"));
      await Bun.sleep(200);
      expect(existsSync(pidFile())).toBe(false);
    }
    await stuck.stop();
  },
);

test("without a run directory nothing is left of an earlier run", async () => {
  expect(await leftProcesses(join(dir, "nowhere"))).toEqual([]);
});

test.skipIf(!isRoot)(
  "no process is started beside one that does not end; status says what it waits for",
  async () => {
    const stuck = sleeper();
    const group = new ComponentGroup({ name: "node", components: [stuck], log: recordingLog(lines) });
    await group.start(never);
    const pid = stuck.inspect?.().pid ?? 0;
    {
      await using held = await hold(pid);
      const failure: unknown = await stuck.restart().catch((err: unknown) => err);
      expect(String(failure)).toContain("has not ended 0s after SIGKILL");
      expect(group.statuses()[0]).toMatchObject({
        pid: held.pid,
        state: "running",
        waitingFor: expect.stringContaining(`its last process to end (thing (pid ${pid}) has not ended`),
      });
    }
    await pollUntil(() => group.statuses()[0]?.state === "ready", {
      what: "the next process",
      intervalMs: 5,
      timeoutMs: 10_000,
    });
    expect(group.statuses()[0]?.pid).not.toBe(pid);
    await group.stop();
  },
);

test("one that has given back its memory and does not end is known by its start time alone", () => {
  const marked = new Map([["_K0S_MANAGED", "yes"]]);
  const empty = new Map<string, string>();
  const ours = (environment: ReadonlyMap<string, string>, args: readonly string[], started?: boolean) =>
    isOurs({ environment, args, started }, "/bin/etcd");
  expect(ours(empty, [], true)).toBe(true);
  expect(ours(empty, [], false)).toBe(false);
  expect(ours(empty, [])).toBe(false);
  expect(ours(empty, ["/bin/etcd"], true)).toBe(false);
  expect(ours(marked, ["/bin/etcd"], true)).toBe(true);
  expect(ours(marked, ["/bin/etcd"], false)).toBe(false);
  expect(ours(marked, ["/bin/etcd"])).toBe(true);
  expect(ours(marked, ["/bin/other"])).toBe(false);
});
