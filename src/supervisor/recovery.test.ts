import { expect, test } from "bun:test";
import { pollUntil } from "../std/wait.ts";
import type { Component, ProcessEvent, ComponentListener } from "./component.ts";
import { ComponentGroup } from "./group.ts";
import { awaitRecovery } from "./recovery.ts";
import { silentLog } from "./testdata/recording-log.ts";

const never = new AbortController().signal;

test("a restart that k0s asks for is not hopeless for what the process went through in its life", async () => {
  let asked = 0;
  const veteran: Component = {
    name: "kube-scheduler",
    start: () => Promise.resolve(),
    ready: async () => Bun.sleep(1),
    restart: async () => void (asked += 1),
    stop: () => Promise.resolve(),
    inspect: () => ({ restarts: asked === 0 && !started ? 0 : 7, lastExit: "exited with code 1" }),
  };
  let started = false;
  const members = new ComponentGroup({ name: "node", components: [veteran], log: silentLog });
  await members.start(never);
  started = true;
  await members.restart("kube-scheduler", never);
  expect(asked).toBe(1);
  await members.stop();
});

test("a recovery that ends when its process has ended again makes nothing ready", async () => {
  const listeners: ComponentListener[] = [];
  let look = Promise.withResolvers<void>();
  const flapping: Component = {
    name: "kubelet",
    start: () => Promise.resolve(),
    health: () => look.promise,
    stop: () => Promise.resolve(),
    observe: (listener) => void listeners.push(listener),
  };
  const members = new ComponentGroup({ name: "node", components: [flapping], log: silentLog });
  await members.start(never);
  const tell = (event: ProcessEvent): void => listeners.forEach((listener) => listener(event));
  const ends = { kind: "ended", how: "exited with code 1", retryAt: new Date() } as const;
  // However many turns the good news takes: the end may come between any two.
  for (let turns = 0; turns < 12; turns++) {
    look = Promise.withResolvers();
    tell(ends);
    tell({ kind: "started", pid: 1 });
    look.resolve();
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    tell(ends);
    await Bun.sleep(1);
    expect(members.statuses()[0]?.state).toBe("backing-off");
  }
  await members.stop();
});

test("one without a health check has recovered when it says that it is ready, and not before", async () => {
  const applied = Promise.withResolvers<void>();
  let recovered = false;
  const late: Component = {
    name: "system-rbac",
    start: () => Promise.resolve(),
    ready: () => applied.promise,
    stop: () => Promise.resolve(),
  };
  const waiting = awaitRecovery(late, never).then(() => (recovered = true));
  await Bun.sleep(10);
  expect(recovered).toBe(false);
  applied.resolve();
  await pollUntil(() => recovered, { what: "recovery", intervalMs: 5, timeoutMs: 2_000 });
  await waiting;
});
