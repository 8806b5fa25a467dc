import { expect, test } from "bun:test";
import type { Progress } from "../../std/progress.ts";
import { silentLogger } from "../../std/logfmt.ts";
import type { Readiness } from "../../status/health/cluster-readiness.ts";
import { waitClusterReady, waitText } from "./wait-ready.ts";

const readiness = (changes: Partial<Readiness> = {}): Readiness => ({
  ready: false,
  nodeReady: false,
  waitingFor: ["kubelet to register the node"],
  readyPods: 0,
  ...changes,
});

test("what is missing comes with the reason, where there is one", () => {
  expect(waitText(undefined, [])).toBe("the API server");
  expect(waitText(readiness(), [])).toBe("kubelet to register the node");
  expect(waitText(readiness(), ["kube-scheduler is backing off", "b"])).toBe(
    "kubelet to register the node: kube-scheduler is backing off",
  );
});

test("follows a node from nothing to ready", async () => {
  const said: string[] = [];
  const progress: Progress = {
    step: (name) => ({ done: (detail) => said.push(`done ${name} ${detail ?? ""}`), fail: () => undefined }),
    wait: (text) => said.push(text),
    ready: () => undefined,
  };
  const steps = [
    undefined,
    readiness(),
    readiness({ nodeReady: true, waitingFor: ["coredns-1 (ContainerCreating)"] }),
    readiness({ nodeReady: true, waitingFor: ["coredns-1 (ContainerCreating)"] }),
    readiness({ ready: true, nodeReady: true, waitingFor: [], readyPods: 5 }),
  ];
  await waitClusterReady({
    nodeName: "n",
    readiness: () => (steps.length > 1 ? steps.shift() : steps[0]),
    problems: () => [],
    progress,
    log: silentLogger(),
    signal: AbortSignal.timeout(10_000),
  });
  expect(said).toEqual([
    "the API server",
    "kubelet to register the node",
    "",
    "done node n Ready ",
    "coredns-1 (ContainerCreating)",
    "",
    "done cluster DNS, network, metrics ready 5 pods",
  ]);
});
