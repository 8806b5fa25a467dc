// The object of the cluster on an API server in memory: who makes it, what a controller does about a change of it.

import { expect, test } from "bun:test";
import { switchedLeader } from "../../kube/testdata/switched-leader.ts";
import { UserError } from "../../std/errors.ts";
import { pause } from "../../std/wait.ts";
import type { Logged } from "../../supervisor/testdata/recording-log.ts";
import { clusterConfigRef } from "./reference.ts";
import {
  controller,
  type Controller,
  forgetful,
  key,
  newCluster,
  put,
  stops,
  until,
} from "./testdata/dynamic-world.ts";

test("the leader defines the kind and makes the object of what it runs with; an Event says that it is read", async () => {
  const cluster = newCluster();
  const { reports, ready } = await controller(cluster);
  await until("the object", () => cluster.object(key) !== undefined);
  expect(cluster.object("CustomResourceDefinition clusterconfigs.k0s.k0sproject.io")).toBeDefined();
  expect(cluster.object(key)).toMatchObject({ spec: { scheduler: { extraArgs: { v: "1" } } } });
  await until("readiness", ready);
  await until("an Event", () => reports.length > 0);
  expect(reports).toEqual([{ type: "Normal" }]);
});

test("who does not lead makes nothing and waits; the next leader makes it", async () => {
  const cluster = newCluster();
  const leader = switchedLeader();
  const { ready } = await controller(cluster, { leader });
  await pause(100, new AbortController().signal);
  expect([cluster.object(key), ready()]).toEqual([undefined, false]);
  leader.lead(true);
  await until("the object", () => cluster.object(key) !== undefined);
  await until("readiness", ready);
});

test("an object that is there counts, not the file; one that was read before is not waited for", async () => {
  const cluster = newCluster();
  await put(cluster, { scheduler: { extraArgs: { v: "7" } } });
  const joined = await controller(cluster, { leader: switchedLeader() });
  await until("readiness", joined.ready);
  expect(joined.adopted).toEqual(["7"]);
  const known = await controller(newCluster(), { leader: switchedLeader(), known: true });
  await until("readiness", known.ready);
});

test("a change is adopted, one that is refused is not, and the next good one is", async () => {
  const cluster = newCluster();
  const { adopted, log } = await controller(cluster);
  await until("the object", () => cluster.object(key) !== undefined);
  await put(cluster, { scheduler: { extraArgs: { v: "2" } } });
  await until("the change", () => adopted.length === 1);
  await put(cluster, { network: { clusterDomain: "other.example" } });
  const refused = ({ message }: Logged): boolean =>
    message === "The configuration of the cluster is not adopted";
  await until("the refusal", () => log.some(refused));
  await put(cluster, { network: { clusterDomain: "cluster.local" }, scheduler: { extraArgs: { v: "3" } } });
  await until("the next change", () => adopted.length === 2);
  expect(adopted).toEqual(["2", "3"]);
});

test("a mistake that is put right before its turn has come is never tried", async () => {
  const cluster = newCluster();
  await put(cluster, { scheduler: { extraArgs: { v: "bad" } } });
  let turns = 0;
  const { adopted, ready } = await controller(cluster, {
    leader: switchedLeader(),
    turn: async () => {
      if (++turns > 1) return;
      await put(cluster, { scheduler: { extraArgs: { v: "good" } } });
      await pause(50, new AbortController().signal);
    },
  });
  await until("readiness", ready);
  expect(adopted).toEqual(["good"]);
});

test("what fails for no reason that a person can put right is tried again", async () => {
  const cluster = newCluster();
  await put(cluster, { scheduler: { extraArgs: { v: "7" } } });
  let troubles = 0;
  const { adopted } = await controller(cluster, {
    leader: switchedLeader(),
    trouble: () => {
      if (++troubles < 3) throw new Error("connection reset");
    },
  });
  await until("the change", () => adopted.length === 1);
  expect(troubles).toBe(3);
});

test("what does not run here is not tried again before the object changes", async () => {
  const cluster = newCluster();
  await put(cluster, { scheduler: { extraArgs: { v: "7" } } });
  let tries = 0;
  const { adopted } = await controller(cluster, {
    leader: switchedLeader(),
    trouble: () => {
      if (++tries === 1) throw new UserError("it was taken back", { code: "config-failed" });
    },
  });
  await until("a try", () => tries === 1);
  await pause(300, new AbortController().signal);
  expect(tries).toBe(1);
  await put(cluster, { scheduler: { extraArgs: { v: "8" } } });
  await until("the change", () => adopted.length === 1);
  expect(adopted).toEqual(["8"]);
});

test("what was taken back the next start tries once more, later ones do not until the object changes", async () => {
  const cluster = newCluster();
  await put(cluster, { scheduler: { extraArgs: { v: "7" } } });
  const takenBack = forgetful();
  let tries = 0;
  const trouble = (): void => {
    tries++;
    if (JSON.stringify(cluster.object(key)).includes('"7"'))
      throw new UserError("it was taken back", { code: "config-failed" });
  };
  const started = () => controller(cluster, { leader: switchedLeader(), takenBack, trouble, known: true });
  const failed = ({ log }: Controller) =>
    until("a word", () => log.some(({ message }) => message.endsWith("is not adopted")));
  await failed(await started());
  await stops.pop()?.();
  await failed(await started());
  await stops.pop()?.();
  expect(tries).toBe(2);
  const { adopted, log } = await started();
  await until("a word", () => log.some(({ message }) => message.includes("not tried again")));
  expect(tries).toBe(2);
  await put(cluster, { scheduler: { extraArgs: { v: "8" } } });
  await until("the change", () => adopted.length === 1);
  expect([adopted, takenBack.noted()]).toEqual([["8"], undefined]);
});

test("what was taken back for what has passed is adopted by the next start, whatever else is in the way", async () => {
  const cluster = newCluster();
  await put(cluster, { scheduler: { extraArgs: { v: "7" } } });
  const takenBack = forgetful();
  const faults = [new UserError("slow", { code: "config-failed" }), new Error("no answer"), undefined];
  const trouble = (): void => {
    const fault = faults.shift();
    if (fault !== undefined) throw fault;
  };
  await controller(cluster, { leader: switchedLeader(), takenBack, trouble, known: true });
  await until("the note", () => takenBack.noted() !== undefined);
  await stops.pop()?.();
  const { adopted } = await controller(cluster, {
    leader: switchedLeader(),
    takenBack,
    trouble,
    known: true,
  });
  await until("the change", () => adopted.length === 1);
  expect(takenBack.noted()).toBeUndefined();
});

test("a password of a Helm repository in the object is warned of once, by its field", async () => {
  const cluster = newCluster();
  const repositories = [{ name: "shop", url: "https://shop.example", username: "u", password: "pass-w0rd" }];
  const helm = (v: string) => ({ extensions: { helm: { repositories } }, scheduler: { extraArgs: { v } } });
  await put(cluster, helm("7"));
  const { adopted, log } = await controller(cluster, { leader: switchedLeader(), known: true });
  await until("the first", () => adopted.length === 1);
  await put(cluster, helm("8"));
  await until("the second", () => adopted.length === 2);
  const warned = log.filter(({ level: at }) => at === "warn");
  expect(warned.map(({ fields }) => fields["reason"])).toEqual([
    expect.stringContaining("spec.extensions.helm.repositories[0].password: the password can be read by"),
  ]);
  expect(JSON.stringify(log)).not.toContain("pass-w0rd");
});

test("what counts from the next start is kept for it, until the object says something else", async () => {
  const cluster = newCluster();
  const { kept } = await controller(cluster, {
    trouble: () => {
      if (JSON.stringify(cluster.object(key)).includes('"enabled":true'))
        throw new UserError("counts from the next start", { code: "config-refused" });
    },
  });
  await until("the object", () => cluster.object(key) !== undefined);
  await put(cluster, { network: { nodeLocalLoadBalancing: { enabled: true } } });
  await until("the next start's", () => kept.length === 1);
  expect(kept[0]?.spec.network.nodeLocalLoadBalancing?.enabled).toBe(true);
  await put(cluster, { network: { nodeLocalLoadBalancing: { enabled: false } } });
  await until("the former", () => kept.length > 1);
  expect(kept.at(-1)?.spec.network.nodeLocalLoadBalancing?.enabled).toBe(false);
});

test("somebody deletes the object: nothing changes", async () => {
  const cluster = newCluster();
  const { adopted } = await controller(cluster);
  await until("the object", () => cluster.object(key) !== undefined);
  await put(cluster, { scheduler: { extraArgs: { v: "2" } } });
  await until("the change", () => adopted.length === 1);
  await cluster.client.delete({ ...clusterConfigRef });
  await pause(100, new AbortController().signal);
  expect(adopted).toEqual(["2"]);
});
