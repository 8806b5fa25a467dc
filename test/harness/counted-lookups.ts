// A pod that asks for a name again and again, and counts the questions that nobody answered. It asks once, where a program's own
// resolver would hide a loss by asking again.

import type { TestCluster } from "./cluster.ts";

const name = "counter";

export interface LookupCount {
  readonly asked: number;
  /** What was said of each that got no answer. */
  readonly lost: readonly string[];
}

/** Asks this server until the count is taken. */
export async function startCounting(cluster: TestCluster, server: string): Promise<void> {
  const ask = `nslookup -retry=1 -timeout=2 kubernetes.default.svc.cluster.local. ${server} 2>&1`;
  const lost = `echo "$(date +%T) $(echo $words)"`;
  const loop = `while true; do if words=$(${ask}); then echo ok; else ${lost}; fi >>/tmp/lookups; sleep 0.05; done`;
  await cluster.apply(`
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: default}
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: counter
      image: localhost/k0s/toolbox:1
      imagePullPolicy: Never
      command: [/bin/sh, -c, ${JSON.stringify(loop)}]
`);
  await cluster.kubectl("wait", "--for=condition=Ready", `pod/${name}`, "--timeout=240s");
  // The first ones, before the pod's network is known everywhere, say nothing of a change.
  await cluster.controller.waitFor("the first answers", async () => {
    await cluster.kubectl(
      "exec",
      name,
      "--",
      "sh",
      "-c",
      "sleep 1; tail -n 5 /tmp/lookups | grep -c ok | grep 5",
    );
    return true;
  });
  await cluster.kubectl("exec", name, "--", "sh", "-c", ": >/tmp/lookups");
}

export async function takeCount(cluster: TestCluster): Promise<LookupCount> {
  const lines = (await cluster.kubectl("exec", name, "--", "cat", "/tmp/lookups")).trim().split("\n");
  await cluster.kubectl("delete", "pod", name, "--wait=false");
  return { asked: lines.length, lost: lines.filter((line) => line !== "ok") };
}
