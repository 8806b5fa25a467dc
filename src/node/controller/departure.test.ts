import { expect, test } from "bun:test";
import { statusReport, type StatusSources } from "../../status/server.ts";
import { createDeparture } from "../../components/departure.ts";
import { departedSources, departureTroubles } from "./departure.ts";

const removal = { kind: "removed", text: "was removed from its etcd cluster" } as const;
const signal = AbortSignal.timeout(60_000);

/** Of a controller whose etcd was taken away from under it, if `reason` says so. */
function sources(reason: () => ReturnType<typeof createDeparture>["reason"]): StatusSources {
  return {
    version: "v1.37.2+k0s.0",
    role: "controller",
    workloads: true,
    singleNode: false,
    startedAt: new Date("2026-11-23T10:00:00Z"),
    k0sVars: { DataDir: "/var/lib/k0s" },
    clusterConfig: () => null,
    componentStatuses: () => [
      { name: "etcd", state: "backing-off", since: new Date(), restarts: 3, lastExit: "exited with code 0" },
    ],
    observer: {
      apiFailure: () => "connection refused",
      hostProblems: () => [],
      clusterProblems: () => [],
      readiness: () => undefined,
      details: () => ({ Datastore: "etcd" }),
    },
    troubles: () => departureTroubles(reason()),
  };
}

test("the first reason counts: who was removed has nothing to leave any more", async () => {
  const departure = createDeparture();
  expect(departureTroubles(departure.reason)).toEqual([]);
  departure.begin(removal);
  departure.begin({ kind: "asked", text: "has left" });
  await departure.when;
  expect(departure.reason).toBe(removal);
});

test("a removed member is named before what follows from it, and once everything has ended it is all there is", async () => {
  const departure = createDeparture();
  const running = sources(() => departure.reason);
  expect((await statusReport(running, signal)).Problems[0]).toStartWith("etcd is backing off");
  departure.begin(removal);
  const removed =
    "this controller was removed from its etcd cluster, so it runs nothing any more; end it with `k0s stop`, then `k0s reset`; it joins again with a new join token";
  expect((await statusReport(running, signal)).Problems[0]).toBe(removed);
  const after = await statusReport(departedSources(running), signal);
  expect(after).toMatchObject({ Healthy: false, Problems: [removed], Components: [] });
  expect(after.WorkerToAPIConnectionStatus.Success).toBe(false);
});
