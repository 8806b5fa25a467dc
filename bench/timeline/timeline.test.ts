import { expect, test } from "bun:test";
import { createLogger } from "../../src/std/logfmt.ts";
import { eventLog } from "../../src/supervisor/events.ts";
import { logMoments } from "./log-moments.ts";
import { endOf, timelineSvg } from "./svg.ts";
import { type Timeline, timelineRows, timelineTable } from "./timeline.ts";

/** What k0s would write, with the moments given. */
function logOf(
  events: readonly (readonly [atMs: number, component: string, state: string, waits?: string])[],
): string {
  let text = "";
  let at = 0;
  const log = createLogger({ level: "debug", write: (line) => (text += line) });
  const read = eventLog(log, () => at);
  for (const [atMs, name, state, waits] of events) {
    at = atMs;
    if (waits !== undefined) read({ kind: "waiting", component: name, text: waits });
    else
      read({ kind: "state", status: { name, state: state as "ready", since: new Date(atMs), restarts: 0 } });
  }
  return `${text}time="2026-11-27 06:00:00" level=info msg="Something else" component=etcd state=ready\n`;
}

const log = logOf([
  [1_000_100, "etcd", "starting"],
  [1_000_150, "etcd", "running"],
  [1_000_160, "etcd", "", 'https://127.0.0.1:2379/health (connect: "connection refused")'],
  [1_000_700, "etcd", "", "https://127.0.0.1:2379/health (no leader)"],
  [1_000_900, "etcd", "ready"],
  [1_000_901, "kube-apiserver", "starting"],
  [1_000_940, "kube-apiserver", "running"],
]);

const rows = timelineRows(logMoments(log), 1_000_000, { etcd: 420 });

test("a component's row: begun, spawned, the first answer that is not a refusal, ready, what held it up", () => {
  expect(rows).toEqual([
    {
      component: "etcd",
      begunMs: 100,
      spawnedMs: 150,
      answeredMs: 700,
      readyMs: 900,
      waitedFor: "https://127.0.0.1:2379/health (no leader)",
      processorMs: 420,
    },
    { component: "kube-apiserver", begunMs: 901, spawnedMs: 940, after: "etcd" },
  ]);
});

test("the table and the picture have them", () => {
  const milestones = [{ name: "api", atMs: 2_000, processorMs: 1_500 }];
  const timeline: Timeline = { name: "a <start>", milestones, rows, processorMs: { etcd: 420 } };
  const [first, second] = timelineTable(timeline);
  expect(first?.slice(0, 6)).toEqual(["etcd", "0.10", "0.15", "0.70", "0.90", "0.42"]);
  expect(second?.slice(0, 7)).toEqual(["kube-apiserver", "0.90", "0.94", "–", "–", "–", "etcd"]);
  expect(endOf(timeline)).toBe(2_040);
  const svg = timelineSvg(timeline, 2_000);
  expect(svg).toContain("a &lt;start&gt;");
  // On its way from 0.1 to 0.15 s, then 0.75 s of 640 points for two seconds.
  expect(svg).toContain('<rect x="242" y="57" width="16" height="10" fill="#9ec5e8"/>');
  expect(svg).toContain('<rect x="258" y="57" width="240" height="10" fill="#2b6cb0"/>');
  expect(svg).toContain(">api 2.0<");
  expect(svg).toContain(">0.90, 0.42 s<");
  expect(svg).toContain(">not ready<");
});
