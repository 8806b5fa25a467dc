import { expect, test } from "bun:test";
import { pollUntil } from "../std/wait.ts";
import type { Component, ComponentStatus, ComponentListener } from "./component.ts";
import { ComponentGroup } from "./group.ts";
import { silentLog } from "./testdata/recording-log.ts";

const second = 1_000;
const minute = 60 * second;

/** A component whose process ends when the test says so, and is well at once when it runs again; by a clock of the test. */
async function restless(): Promise<{
  readonly status: () => ComponentStatus;
  /** Lives for `ms`, then ends; after that it is ready again. */
  readonly liveAndEnd: (ms: number) => Promise<void>;
  readonly pass: (ms: number) => void;
  readonly group: ComponentGroup;
}> {
  let at = 0;
  let restarts = 0;
  let tell: ComponentListener = () => undefined;
  const component: Component = {
    name: "kube-scheduler",
    start: async () => undefined,
    health: async () => undefined,
    stop: async () => undefined,
    inspect: () => ({
      restarts,
      lastOutput: ["disk gone", "started"],
      ...(restarts === 0 ? {} : { lastExit: "exited with code 1", lastWords: ["disk gone"] }),
    }),
    observe: (listener) => void (tell = listener),
  };
  let recoveries = 0;
  const group = new ComponentGroup({
    name: "node",
    components: [component],
    log: silentLog,
    now: () => at,
  });
  group.events.read((event) => {
    if (event.kind !== "state") return;
    if (group.healthChecks().some(({ name }) => name === event.status.name)) recoveries++;
  });
  await group.start(new AbortController().signal);
  return {
    group,
    status: () => group.statuses()[0]!,
    pass: (ms) => void (at += ms),
    async liveAndEnd(ms) {
      at += ms;
      restarts += 1;
      const before = recoveries;
      tell({ kind: "ended", how: "exited with code 1", retryAt: new Date() });
      expect(group.statuses()[0]).toMatchObject({ state: "backing-off" });
      tell({ kind: "started", pid: 7 });
      await pollUntil(() => recoveries > before, { what: "recovery", intervalMs: 1, timeoutMs: 5_000 });
    },
  };
}

test("a process that ends every twelve seconds is not well, also while it happens to be ready", async () => {
  const { group, status, liveAndEnd, pass } = await restless();
  for (let n = 1; n <= 4; n++) {
    await liveAndEnd(12 * second);
    expect(status().state).toBe("ready");
  }
  for (let n = 5; n <= 8; n++) {
    await liveAndEnd(second);
    expect(status()).toMatchObject({ state: "unhealthy", restarts: n });
    pass(11 * second);
    expect(status().state).toBe("unhealthy");
  }
  expect(status()).toMatchObject({
    restartsOften: "8 times in the last 2 minutes",
    lastError: "restarts often: 8 times in the last 2 minutes (exited with code 1)",
    lastOutput: ["disk gone"],
  });
  // It answers: that alone does not make it well.
  group.judge("kube-scheduler", null);
  expect(status().state).toBe("unhealthy");
  // It is asked all the same, and what it says is worth more.
  expect(group.healthChecks()).toHaveLength(1);
  group.judge("kube-scheduler", "no answer within 5 s");
  expect(status()).toMatchObject({ state: "unhealthy", lastError: "no answer within 5 s" });
  expect(status().restartsOften).toBeUndefined();
  group.judge("kube-scheduler", null);
  pass(2 * minute);
  expect(status().state).toBe("ready");
  expect(status().lastError).toBeUndefined();
  await group.stop();
});

test("one that an operator ends once, or twice, is well as soon as it is ready", async () => {
  const { group, status, liveAndEnd } = await restless();
  await liveAndEnd(minute);
  expect(status().state).toBe("ready");
  await liveAndEnd(second);
  expect(status().state).toBe("ready");
  await group.stop();
});

test("one that could not get ready because of another is well when it is, however often it ended meanwhile", async () => {
  let tell: ComponentListener = () => undefined;
  let well = true;
  const api: Component = {
    name: "kube-apiserver",
    start: async () => undefined,
    health: async () => {
      if (!well) throw new Error("no etcd");
    },
    stop: async () => undefined,
    observe: (listener) => void (tell = listener),
  };
  const group = new ComponentGroup({ name: "node", components: [api], log: silentLog });
  await group.start(new AbortController().signal);
  well = false;
  for (let n = 0; n < 20; n++) {
    tell({ kind: "ended", how: "exited with code 1", retryAt: new Date() });
    tell({ kind: "started", pid: n });
  }
  well = true;
  await pollUntil(() => group.statuses()[0]?.state === "ready", {
    what: "recovery",
    intervalMs: 5,
    timeoutMs: 5_000,
  });
  await group.stop();
});
