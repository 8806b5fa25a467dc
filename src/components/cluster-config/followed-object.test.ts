// What those are told who have changed the object of the cluster, or ask about it.

import { expect, test } from "bun:test";
import { switchedLeader } from "../../kube/testdata/switched-leader.ts";
import { errorMessage, UserError } from "../../std/errors.ts";
import type { ClusterConfigObject } from "./object.ts";
import { controller, key, newCluster, put, until } from "./testdata/dynamic-world.ts";

test("who has changed the object learns what became of it, and it is tried once", async () => {
  const cluster = newCluster();
  let tries = 0;
  const { object } = await controller(cluster, {
    trouble: () => {
      if (!JSON.stringify(cluster.object(key)).includes('"bad"')) return;
      tries++;
      throw new UserError("it was taken back", { code: "config-failed" });
    },
  });
  await until("the object", () => cluster.object(key) !== undefined);
  const { signal } = new AbortController();
  const good = (await put(cluster, { scheduler: { extraArgs: { v: "2" } } })) as ClusterConfigObject;
  const plan = await object.adopted(good, false, signal);
  expect(plan.changes).toEqual([{ field: "spec.scheduler.extraArgs.v" }]);
  // Asked late, it is the same.
  expect(await object.adopted(good, false, signal)).toBe(plan);
  expect(object.trouble()).toBeUndefined();
  const bad = (await put(cluster, { scheduler: { extraArgs: { v: "bad" } } })) as ClusterConfigObject;
  const outcome = (): Promise<string> =>
    object.adopted(bad, false, signal).then(() => "adopted", errorMessage);
  expect([await outcome(), await outcome(), tries]).toEqual(["it was taken back", "it was taken back", 1]);
  expect(errorMessage(object.trouble())).toBe("it was taken back");
  const again = await object.adopted(bad, true, signal).then(() => "adopted", errorMessage);
  expect([again, tries]).toEqual(["it was taken back", 2]);
  // An older one that a later one has replaced.
  expect(await object.adopted(good, false, signal).then(() => "adopted", errorMessage)).toBe(
    "it was taken back",
  );
});

test("a try that fails for another reason is told to those who wait, and so is the end of k0s", async () => {
  const cluster = newCluster();
  let troubles = 0;
  const { object } = await controller(cluster, {
    trouble: () => {
      if (JSON.stringify(cluster.object(key)).includes('"2"') && ++troubles === 1)
        throw new Error("no space is left");
    },
  });
  await until("the object", () => cluster.object(key) !== undefined);
  const changed = (await put(cluster, { scheduler: { extraArgs: { v: "2" } } })) as ClusterConfigObject;
  const { signal } = new AbortController();
  const waits = object.adopted(changed, false, signal).then(() => "adopted", errorMessage);
  expect(await waits).toBe("no space is left");
  const ended = AbortSignal.abort(new Error("k0s ends"));
  const later = { ...changed, metadata: { ...changed.metadata, resourceVersion: "999999" } };
  expect(await object.adopted(later, false, ended).then(() => "adopted", errorMessage)).toBe("k0s ends");
});

test("that a look fails is said to who asks how it is with the object, until one does not", async () => {
  const cluster = newCluster();
  let full = true;
  const { object, adopted } = await controller(cluster, {
    trouble: () => {
      if (full && JSON.stringify(cluster.object(key)).includes('"2"')) throw new Error("no space is left");
    },
  });
  await until("the object", () => cluster.object(key) !== undefined);
  const changed = (await put(cluster, { scheduler: { extraArgs: { v: "2" } } })) as ClusterConfigObject;
  const { signal } = new AbortController();
  await object.adopted(changed, false, signal).catch(errorMessage);
  expect([object.trouble()?.code, errorMessage(object.trouble())]).toEqual([
    "config-failed",
    "it is not adopted yet, and is tried again: no space is left",
  ]);
  full = false;
  await until("the change", () => adopted.length === 1);
  await object.adopted(changed, false, signal);
  expect(object.trouble()).toBeUndefined();
});

test("a mistake in the object is told by its path for as long as it is there", async () => {
  const cluster = newCluster();
  const { object, adopted, log } = await controller(cluster);
  await until("the object", () => cluster.object(key) !== undefined);
  await put(cluster, { workerProfiles: [{ name: "default", values: { maxPodz: 5 } }] });
  await until("the word", () => log.some(({ message }) => message.endsWith("is not adopted")));
  expect(object.trouble()?.code).toBe("invalid-config");
  expect(errorMessage(object.trouble())).toStartWith("spec.workerProfiles[0].values.maxPodz: ");
  await put(cluster, { workerProfiles: [], scheduler: { extraArgs: { v: "2" } } });
  await until("the change", () => adopted.length === 1);
  expect(object.trouble()).toBeUndefined();
});

test("a patch without effect does not keep out a controller that joins, and nobody else", async () => {
  const cluster = newCluster();
  await put(cluster, { scheduler: { extraArgs: { v: "7" } } });
  const joined = await controller(cluster, { leader: switchedLeader() });
  await until("the change", () => joined.adopted.length === 1);
  await put(cluster, { scheduler: { extraArgs: { v: "8" } } });
  await until("the next", () => joined.adopted.length === 2);
  expect(joined.joins).toEqual([true, false]);
  const known = await controller(cluster, { leader: switchedLeader(), known: true });
  await until("the change", () => known.adopted.length === 1);
  expect(known.joins).toEqual([false]);
});
