import { expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Component, ComponentListener } from "./component.ts";
import { createGroupEvents, eventLog, type GroupEvent } from "./events.ts";
import { ComponentGroup } from "./group.ts";
import { type Logged, recordingLog, silentLog } from "./testdata/recording-log.ts";
import { createWaiting } from "./waiting.ts";

const never = new AbortController().signal;

/** In few words. */
function wordsOf(event: GroupEvent): string {
  if (event.kind === "state") return event.status.state;
  return event.kind === "process" ? `process ${event.event.kind}` : `waits for ${event.text ?? "nothing"}`;
}

test("every reader gets every event from its beginning to its end, in order, whatever other readers do", () => {
  const what = fc.array(fc.record({ text: fc.string(), joins: fc.boolean(), leaves: fc.boolean() }));
  fc.assert(
    fc.property(what, (steps) => {
      const events = createGroupEvents(silentLog);
      events.read(() => {
        throw new Error("a bad reader");
      });
      const readers: { readonly got: string[]; readonly expected: string[]; stop: () => void }[] = [];
      for (const { text, joins, leaves } of steps) {
        if (joins) {
          const got: string[] = [];
          readers.push({ got, expected: [], stop: events.read((event) => void got.push(wordsOf(event))) });
        }
        if (leaves) readers.shift()?.stop();
        events.tell({ kind: "waiting", component: "x", text });
        for (const { expected } of readers) expected.push(`waits for ${text}`);
        for (const { got, expected } of readers) expect(got).toEqual(expected);
      }
    }),
  );
});

test("states, ends of processes and reasons come in one order, and the status is as new as the event", async () => {
  let tell: ComponentListener = () => undefined;
  const waiting = createWaiting({ what: "the socket" });
  const ready = Promise.withResolvers<void>();
  const program: Component = {
    name: "kine",
    start: async () => undefined,
    ready: () => ready.promise,
    health: async () => undefined,
    stop: async () => undefined,
    inspect: () => waiting.inspect(),
    observe: (listener) => {
      tell = listener;
      waiting.observe(listener);
    },
  };
  const lines: Logged[] = [];
  const group = new ComponentGroup({ name: "node", components: [program], log: silentLog });
  const seen: string[] = [];
  group.events.read((event) => void seen.push(wordsOf(event)));
  group.events.read((event) => {
    if (event.kind === "state") expect(group.statuses()[0]?.state).toBe(event.status.state);
  });
  group.events.read(eventLog(recordingLog(lines)));
  const started = group.start(never);
  await Bun.sleep(1);
  waiting.because({ message: "connection refused" });
  waiting.because({ message: "connection refused" });
  waiting.over();
  ready.resolve();
  await started;
  tell({ kind: "ended", how: "exited with code 1", retryAt: new Date() });
  tell({ kind: "started", pid: 7 });
  await Bun.sleep(1);
  await group.stop();
  // Nobody can end any more what has ended.
  tell({ kind: "started", pid: 8 });
  expect(seen).toEqual([
    "starting",
    "running",
    "waits for the socket (connection refused)",
    "waits for nothing",
    "ready",
    "process ended",
    "backing-off",
    "process started",
    "ready",
    "stopping",
    "stopped",
  ]);
  expect(lines.map(({ fields }) => fields["state"] ?? fields["waitingFor"])).toEqual([
    "starting",
    "running",
    "the socket (connection refused)",
    "ready",
    "backing-off",
    "ready",
    "stopping",
    "stopped",
  ]);
});
