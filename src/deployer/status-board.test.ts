import { afterEach, expect, test } from "bun:test";
import type { KubeObject } from "../kube/types.ts";
import { pollUntil } from "../std/wait.ts";
import { createStatusBoard } from "./status-board.ts";
import type { PassReport } from "./stack-status.ts";
import { statusObject, statusesOf } from "./status-object.ts";
import { fakeApiServer } from "./testdata/fake-api-server.ts";
import { silentLog } from "./testdata/silent-log.ts";

const report = (objects: number, err?: Error): PassReport =>
  err === undefined
    ? {
        outcome: "done",
        result: {
          steps: [],
          failure: undefined,
          changes: 0,
          repaired: [],
          left: [],
          twice: [],
          incomplete: [],
        },
        reading: {
          objects: Array.from({ length: objects }, (_none, line) => ({
            object: { apiVersion: "v1", kind: "ConfigMap", metadata: {} },
            file: "a.yaml",
            line,
          })),
          ignored: [],
        },
      }
    : { outcome: "failed", err };

const api = fakeApiServer();
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});
const begin = (controller: string) => {
  const board = createStatusBoard({ client: api.client, controller, log: silentLog, quietMs: 20 });
  const ending = new AbortController();
  const running = board.run(ending.signal);
  const stop = async (): Promise<void> => {
    ending.abort();
    await running;
  };
  stops.push(stop);
  return { board, stop };
};
const data = (): Record<string, string> => {
  const object: KubeObject | undefined = api.object("ConfigMap kube-system/k0s-stacks");
  return (object?.["data"] ?? {}) as Record<string, string>;
};
const phases = (): Record<string, string> =>
  Object.fromEntries([...statusesOf(data())].map(([name, { phase }]) => [name, phase]));
const soon = (what: string, probe: () => boolean) =>
  pollUntil(probe, { what, intervalMs: 5, timeoutMs: 30_000 });
const writes = (): number => api.requests.filter((line) => line.startsWith("PATCH")).length;

test("changes are written together, what does not change is not, and the next leader goes on from there", async () => {
  const one = begin("one");
  for (const name of ["a", "b", "gone"]) one.board.report(name, report(1));
  await soon("three", () => Object.keys(data()).length === 3);
  const before = writes();
  for (let times = 0; times < 5; times++) for (const name of ["a", "b"]) one.board.report(name, report(1));
  one.board.retain(new Set(["a", "b", "gone"]), new Map());
  one.board.report("a", report(1, new Error("no")));
  await soon("the failure", () => phases()["a"] === "Failed");
  expect(writes()).toBe(before + 1);
  const since = statusesOf(data()).get("b")?.since;
  await one.stop();

  await Bun.sleep(1_100);
  const two = begin("two");
  two.board.report("b", report(1));
  two.board.report("a", report(1));
  await soon("b of the other", () => statusesOf(data()).get("b")?.controller === "two");
  expect(statusesOf(data()).get("b")?.since).toBe(since);
  expect(statusesOf(data()).get("a")?.since).not.toBe(since);
  // What this one has no folder of is named as long as it has objects.
  two.board.retain(
    new Set(["a", "b"]),
    new Map([
      ["gone", 1],
      ["label-alone", 2],
    ]),
  );
  await soon(
    "what is unmanaged",
    () => phases()["gone"] === "Unmanaged" && phases()["label-alone"] === "Unmanaged",
  );
  two.board.retain(new Set(["a", "b"]), new Map());
  await soon("its end", () => Object.keys(data()).length === 2);
  two.board.drop("a");
  await soon("a gone", () => phases()["a"] === undefined);
});

test("what somebody changed or deleted is written again at the next look at all kinds", async () => {
  const { board } = begin("one");
  board.report("a", report(1));
  await soon("a", () => phases()["a"] === "Applied");
  await api.client.patch(
    statusObject,
    "merge",
    { data: { a: "spoiled", theirs: "stays" } },
    { fieldManager: "kubectl-edit" },
  );
  board.retain(new Set(["a"]), new Map());
  await soon("a again", () => phases()["a"] === "Applied");
  expect(data()["theirs"]).toBe("stays");
  await api.client.delete(statusObject);
  board.retain(new Set(["a"]), new Map());
  await soon("all of it", () => phases()["a"] === "Applied");
});
