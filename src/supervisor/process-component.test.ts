import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pollUntil } from "../std/wait.ts";
import type { ComponentStatus } from "./component.ts";
import { ComponentGroup } from "./group.ts";
import {
  type ProcessComponent,
  processComponent,
  type ProcessComponentOptions,
} from "./process-component.ts";
import { silentLog } from "./testdata/recording-log.ts";

let dir = "";
let groups: ComponentGroup[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "k0s-component-"));
  groups = [];
});

afterEach(async () => {
  await Promise.all(groups.map((group) => group.stop()));
  rmSync(dir, { recursive: true, force: true });
});

const never = new AbortController().signal;

function shell(script: string, more: Partial<ProcessComponentOptions> = {}): ProcessComponent {
  return processComponent({
    process: {
      name: "thing",
      command: "/bin/sh",
      args: ["-c", script],
      cwd: dir,
      pidFile: join(dir, "run", "thing.pid"),
      log: silentLog,
    },
    ...more,
  });
}

async function started(component: ProcessComponent): Promise<ComponentGroup> {
  const group = new ComponentGroup({ name: "node", components: [component], log: silentLog });
  groups.push(group);
  await group.start(never);
  return group;
}

const only = (group: ComponentGroup): ComponentStatus => group.statuses()[0]!;
const until = (what: string, probe: () => boolean): Promise<unknown> =>
  pollUntil(probe, { what, intervalMs: 5, timeoutMs: 10_000 });

test("why a process ended is told, also when the next one has begun to chat", async () => {
  const chat =
    "for i in 1 2 3 4 5 6 7 8 9; do printf '%s\\n' a b c d e | sed 's/^/I1126 09:00:00.1 1 a.go:1] /'; done";
  const component = shell(
    `[ -e second ] && { ${chat}; exec sleep 60; }; touch second; echo 'E1126 09:00:00.1 1 a.go:1] no disk' >&2; exit 1`,
  );
  const group = await started(component);
  // Before it has said anything each of its lines is chat.
  await until("chat", () => {
    const lines = component.inspect?.().lastOutput ?? [];
    return lines.length > 0 && lines.every((line) => line.startsWith("I"));
  });
  expect(only(group)).toMatchObject({
    state: "backing-off",
    lastOutput: ["E1126 09:00:00.1 1 a.go:1] no disk"],
  });
});

test("a process that dies at once, for ever, is never shown as ready, and says how it ended", async () => {
  const group = await started(shell("echo 'unknown flag: --no-such-flag' >&2; exit 1"));
  await until("a few ends", () => only(group).restarts >= 3);
  expect(only(group)).toMatchObject({
    state: "backing-off",
    lastError: "exited with code 1",
    lastExit: "exited with code 1",
    lastOutput: expect.arrayContaining(["unknown flag: --no-such-flag"]),
    downSince: expect.any(Date),
  });
  await until("a pause", () => only(group).retryAt !== undefined);
  expect(only(group).pid).toBeUndefined();
});

test("a ready one that was killed is ready again only when its check passes", async () => {
  let answers = true;
  const probe = async (): Promise<boolean> => answers;
  const component = shell("exec sleep 60", { readiness: { what: "the thing", intervalMs: 5, probe } });
  const group = await started(component);
  expect(only(group).state).toBe("ready");
  const first = only(group).pid!;
  answers = false;
  process.kill(first, "SIGKILL");
  await until("another process", () => ![first, undefined].includes(only(group).pid));
  expect(only(group)).toMatchObject({ state: "backing-off", waitingFor: "the thing" });
  answers = true;
  await until("readiness", () => only(group).state === "ready");
  expect(only(group)).toMatchObject({ restarts: 1, lastExit: "was ended by SIGKILL" });
  expect(only(group).downSince).toBeUndefined();
  expect(only(group).lastError).toBeUndefined();
});

test("one that k0s starts again is not ready meanwhile, and no failure", async () => {
  let answers = true;
  const probe = async (): Promise<boolean> => answers;
  const component = shell("exec sleep 60", { readiness: { what: "the thing", intervalMs: 5, probe } });
  const group = await started(component);
  answers = false;
  await component.restart();
  expect(only(group)).toMatchObject({ state: "running", restarts: 0 });
  answers = true;
  await until("readiness", () => only(group).state === "ready");
});

test("one whose check fails is unhealthy until it passes again, whatever its process does", async () => {
  const group = await started(shell("exec sleep 60"));
  group.judge("thing", "no answer within 5 s");
  expect(only(group)).toMatchObject({ state: "unhealthy", lastError: "no answer within 5 s" });
  group.judge("thing", null);
  expect(only(group).state).toBe("ready");
  expect(only(group).lastError).toBeUndefined();
});

test("why one was not ready is over once its check passes, also after it was given up", async () => {
  let well = false;
  const component = shell("exec sleep 60", {
    readiness: {
      what: "https://thing/healthz",
      intervalMs: 5,
      probe: async () => well || Promise.reject(new Error("connection refused")),
    },
  });
  const group = new ComponentGroup({
    name: "node",
    components: [component],
    log: silentLog,
    readyTimeoutMs: 300,
  });
  groups.push(group);
  const told: (string | undefined)[] = [];
  group.events.read((event) => void (event.kind === "waiting" && told.push(event.text)));
  await group.start(never);
  expect(only(group).waitingFor).toBe("https://thing/healthz (connection refused)");
  well = true;
  await until("readiness", () => only(group).state === "ready");
  await component.restart();
  await until("the next process", () => component.inspect?.().pid !== undefined);
  expect(component.inspect?.().waitingBecause).toBeUndefined();
  expect(told).toEqual(["https://thing/healthz (connection refused)", undefined]);
});

test("arguments that come while it backs off, or before it starts, are those of the next process", async () => {
  const component = shell("exit 1");
  await component.restart(["-c", "echo early; exit 1"]);
  const group = await started(component);
  await until("a pause", () => (only(group).retryAt?.getTime() ?? 0) > Date.now() + 100);
  expect(component.inspect?.().lastOutput).toContain("early");
  await component.restart(["-c", "echo late; exec sleep 60"]);
  await until("output", () => component.inspect?.().lastOutput?.includes("late") === true);
});
