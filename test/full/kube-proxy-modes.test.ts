// Every mode of kube-proxy that k0s offers, on a node of its own (ipvs is refused): a Service answers by its address, by its port on the node, and to one
// client always from the same pod if it is told to.

import { expect, test } from "bun:test";
import { startTestCluster, type TestCluster } from "../harness/cluster.ts";
import { singleNode } from "../harness/single-node.ts";
import type { TestMachine } from "../harness/test-machine.ts";
import { startWeb } from "../harness/web-demo.ts";
import { withLogs } from "../harness/with-machine.ts";

/** What of the kernel shows that services are in it. */
const traces: Readonly<Record<string, readonly string[]>> = {
  nftables: ["nft", "list", "table", "ip", "kube-proxy"],
  iptables: ["iptables-save", "-t", "nat"],
};

for (const [mode, trace] of Object.entries(traces)) {
  test(`services in mode ${mode}`, async () => {
    await using cluster = await startTestCluster({
      controllers: [singleNode()],
      spec: { network: { provider: "kuberouter", kubeProxy: { mode } } },
    });
    await withLogs(cluster.network, () => servicesWork(cluster, mode, trace));
  }, 600_000);
}

async function servicesWork(cluster: TestCluster, mode: string, trace: readonly string[]): Promise<void> {
  const { controller: node, kubectl } = cluster;
  const outside = await cluster.network.machine({ name: "outside" });
  expect(await node.ok(["cat", "/run/k0s/kube-proxy/config.yaml"])).toContain(`mode: ${mode}\n`);
  await node.apply(service("always-same", "sessionAffinity: ClientIP"));
  await node.apply(service("open", "type: NodePort"));
  await startWeb(node);

  expect(await answers(node, "web", 30)).toBe(3);
  expect(await answers(node, "always-same", 10)).toBe(1);
  const port = await kubectl("get", "service", "open", "-o", "jsonpath={.spec.ports[0].nodePort}");
  expect(await outsideAnswer(outside, `http://${node.address}:${port}/`)).toContain("nginx on web-");
  expect(await onNode(node, trace)).toContain("default/web");

  // A Service without pods refuses at once, in every mode.
  await kubectl("scale", "deployment/web", "--replicas=0");
  await node.waitFor("the refusal", async () => (await visit(node, "web")).code !== 0);
}

const service = (name: string, extra: string): string => `
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: default}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: http}]
  ${extra}
`;

const visit = ({ tryKubectl }: TestMachine, name: string) =>
  tryKubectl(
    "exec",
    "visitor",
    "--",
    "timeout",
    "5",
    "wget",
    "-qO-",
    `http://${name}.default.svc.cluster.local/`,
  );

/** How many different pods answer so many visits. */
async function answers(node: TestMachine, name: string, visits: number): Promise<number> {
  await node.waitFor(`service ${name}`, async () => (await visit(node, name)).code === 0);
  const pods = new Set<string>();
  for (let i = 0; i < visits; i++) {
    const { stdout } = await visit(node, name);
    pods.add(/nginx on (web-\S+)/.exec(stdout)?.[1] ?? `no answer: ${stdout}`);
  }
  return pods.size;
}

async function outsideAnswer(outside: TestMachine, url: string): Promise<string> {
  return await outside.ok(["curl", "--silent", "--show-error", "--max-time", "5", url]);
}

/** With the tools that k0s has brought. */
function onNode(machine: TestMachine, [program = "", ...args]: readonly string[]): Promise<string> {
  const tools = "/var/lib/k0s/host-tools";
  return machine.ok([`${tools}/bin/${program}`, ...args], {
    env: { XTABLES_LIBDIR: `${tools}/lib/xtables` },
  });
}
