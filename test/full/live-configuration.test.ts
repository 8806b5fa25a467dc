// A live change of each kind under a counting writer and a pod that asks a Service over and over: no acknowledged write and no
// answer is lost. The longest pause of each is printed.

import { expect, test } from "bun:test";
import { type ClusterSpec, writeClusterConfig } from "../harness/cluster-config.ts";
import { startTestCluster } from "../harness/cluster.ts";
import { startCountingWriter } from "../harness/counting-writer.ts";
import { singleNode } from "../harness/single-node.ts";
import type { TestMachine } from "../harness/test-machine.ts";
import { startWeb, webAnswers } from "../harness/web-demo.ts";
import { withLogs } from "../harness/with-machine.ts";

/** Each on top of those before it. */
const kinds: readonly (readonly [string, ClusterSpec])[] = [
  ["kube-apiserver", { api: { extraArgs: { "max-requests-inflight": "399" } } }],
  ["kube-scheduler", { scheduler: { extraArgs: { "kube-api-qps": "61" } } }],
  ["kube-controller-manager", { controllerManager: { extraArgs: { "kube-api-qps": "62" } } }],
  ["worker profile", { workerProfiles: [{ name: "default", values: { maxPods: 97 } }] }],
  ["kube-proxy", { network: { kubeProxy: { nodePortAddresses: ["127.0.0.0/8"] } } }],
  ["images", { images: { default_pull_policy: "Never" } }],
  [
    "network",
    {
      network: {
        kubeProxy: { nodePortAddresses: ["127.0.0.0/8"] },
        kuberouter: { mtu: 1300, autoMTU: false },
        calico: { mtu: 1300 },
      },
    },
  ],
];

const ask = [
  "while :; do",
  // words: only whether it answers counts
  "if timeout 3 wget -qO- http://web.default.svc.cluster.local/ >/dev/null 2>&1; then r=ok; else r=failed; fi;",
  'read up rest </proc/uptime; echo "$up $r"; sleep 0.05; done >/tmp/asked',
].join(" ");

interface Answers {
  readonly answered: number;
  readonly failed: number;
  readonly longestPauseMs: number;
}

async function answers(machine: TestMachine): Promise<Answers> {
  const text = await machine.kubectl("exec", "visitor", "--", "cat", "/tmp/asked");
  const lines = text
    .trim()
    .split("\n")
    .map((line) => line.split(" "));
  const times = lines.filter(([, result]) => result === "ok").map(([up]) => Number(up) * 1000);
  const pauses = times.slice(1).map((at, index) => at - (times[index] ?? at));
  return {
    answered: times.length,
    failed: lines.length - times.length,
    longestPauseMs: Math.round(Math.max(0, ...pauses)),
  };
}

test("a live change of each kind loses no write and no answer", async () => {
  await using cluster = await startTestCluster({ controllers: [singleNode({ name: "live" })] });
  const machine = cluster.controller;
  await withLogs(cluster.network, async () => {
    await startWeb(machine);
    await webAnswers(machine);
    const outside = await cluster.network.machine({ name: "writer" });
    const kubeconfig = await machine.ok(["k0s", "kubeconfig", "admin"]);
    await using writer = await startCountingWriter({ machine: outside, kubeconfig });
    // words: it goes on after the command that starts it
    await machine.kubectl("exec", "visitor", "--", "sh", "-c", `(${ask}) >/dev/null 2>&1 &`);
    await writer.progress(20);
    let spec: ClusterSpec = {};
    for (const [kind, change] of kinds) {
      spec = { ...spec, ...change };
      await writeClusterConfig(machine, spec);
      await writer.event(kind);
      await machine.ok(["k0s", "config", "apply"], { timeoutMs: 300_000 });
      await machine.waitFor("good health", () => machine.k0s("status"));
      await writer.progress(20);
    }
    const report = await writer.report();
    const seen = await answers(machine);
    console.info(
      [
        `${report.acknowledged} acknowledged writes, failures: ${JSON.stringify(report.failures)}`,
        ...report.gaps.map(({ event, gapMs }) => `  ${event}: longest pause ${gapMs} ms`),
        `${seen.answered} answers of the Service, longest pause ${seen.longestPauseMs} ms`,
      ].join("\n"),
    );
    expect(report.lost).toEqual([]);
    expect(seen.failed).toBe(0);
    expect(seen.answered).toBeGreaterThan(100);
  });
}, 1_200_000);
