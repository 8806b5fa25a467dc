// What a client may expect of any datastore behind the API: many writes, lists in pages, watches, refused stale writes.

import { expect } from "bun:test";
import type { TestMachine } from "../../harness/test-machine.ts";

const objects = 200;
const pageSize = 30;

export async function exerciseApi(controller: TestMachine): Promise<void> {
  await writeMany(controller);
  await listInPages(controller);
  await watchChanges(controller);
  await refuseStaleWrite(controller);
}

async function writeMany(controller: TestMachine): Promise<void> {
  const items = Array.from({ length: objects }, (_, index) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: `object-${index}`, labels: { set: "many" } },
    data: { index: String(index) },
  }));
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  await controller.ok(["k0s", "kubectl", "create", "-f", "-"], { input: list });
}

interface Page {
  readonly metadata: { readonly continue?: string; readonly remainingItemCount?: number };
  readonly items: readonly { readonly data: { readonly index: string } }[];
}

async function listInPages(controller: TestMachine): Promise<void> {
  const seen = new Set<string>();
  let next = "";
  do {
    const query = `labelSelector=set%3Dmany&limit=${pageSize}${next}`;
    const path = `/api/v1/namespaces/default/configmaps?${query}`;
    const { items, metadata } = JSON.parse(await kubectl(controller, "get", "--raw", path)) as Page;
    expect(items.length).toBeLessThanOrEqual(pageSize);
    for (const { data } of items) seen.add(data.index);
    next = metadata.continue === undefined ? "" : `&continue=${encodeURIComponent(metadata.continue)}`;
  } while (next !== "");
  expect(seen.size).toBe(objects);
}

async function watchChanges(controller: TestMachine): Promise<void> {
  const log = "watch";
  const watch = ["k0s", "kubectl", "get", "configmap", "-l", "set=watched", "--watch"];
  const make = async (name: string): Promise<void> => {
    await kubectl(controller, "create", "configmap", name);
    await kubectl(controller, "label", "configmap", name, "set=watched");
  };
  await make("listed");
  const watching = await controller.start(log, [...watch, "--output-watch-events", "--no-headers"]);
  const kinds = async (name: string): Promise<string[]> =>
    (await controller.readLog(log))
      .split("\n")
      .map((line) => line.split(/\s+/))
      .filter((cells) => cells[1] === name)
      .map((cells) => cells[0] ?? "");
  // What was there before is listed; from there on the watch misses nothing.
  await controller.waitFor("the beginning", async () => (await kinds("listed")).length > 0);
  await make("watched");
  await kubectl(controller, "patch", "configmap", "watched", "-p", '{"data":{"a":"b"}}');
  await kubectl(controller, "delete", "configmap", "watched");
  await controller.waitFor("all events", async () => (await kinds("watched")).includes("DELETED"));
  expect(await kinds("watched")).toEqual(["ADDED", "MODIFIED", "DELETED"]);
  await watching.kill("SIGKILL");
}

async function refuseStaleWrite(controller: TestMachine): Promise<void> {
  const old = await kubectl(controller, "get", "configmap", "object-0", "-o", "json");
  await kubectl(controller, "patch", "configmap", "object-0", "-p", '{"data":{"index":"new"}}');
  const stale = await controller.exec(["k0s", "kubectl", "replace", "-f", "-"], { input: old });
  expect(stale.code).toBe(1);
  expect(stale.stderr).toContain("the object has been modified");
}

function kubectl(controller: TestMachine, ...args: readonly string[]): Promise<string> {
  return controller.ok(["k0s", "kubectl", ...args]);
}
