// What pods send through firewalls of the host, and whether `k0s sysinfo` is right about them: a policy of iptables' own chain does
// no harm, a chain of another table, ufw and firewalld do, and its remedy ends that.

import { expect, test } from "bun:test";
import { startTestCluster, type TestCluster } from "../harness/cluster.ts";
import { singleNode } from "../harness/single-node.ts";
import { startWeb, webAnswers } from "../harness/web-demo.ts";
import { withLogs } from "../harness/with-machine.ts";

const api = "https://kubernetes.default.svc.cluster.local/";

/** As rules name the links of each provider's pods. */
const podLinks = { calico: "cali*", kuberouter: "kube-bridge" } as const;
const established = "ct state established,related accept; iif lo accept;";

for (const provider of ["calico", "kuberouter"] as const) {
  test(`${provider}: firewalls that drop, found and opened as it says`, async () => {
    await using cluster = await startTestCluster({
      controllers: [singleNode()],
      spec: { network: { provider } },
    });
    await withLogs(cluster.network, async () => {
      const { controller: node } = cluster;
      await startWeb(node);
      await webAnswers(node);
      expect(await firewallFindings(cluster)).toEqual([]);

      await node.ok(["iptables", "-P", "FORWARD", "DROP"]);
      await webAnswers(node);
      expect(await firewallFindings(cluster)).toEqual([]);

      await node.ok(["nft", table("forward", "")]);
      await silent(cluster, "http://web.default.svc.cluster.local/");
      await followed(cluster, "firewall:inet/forward/guard");
      await webAnswers(node);

      await node.ok(["nft", table("input", established)]);
      await silent(cluster, api);
      await followed(cluster, "firewall:inet/input/guard");
      await apiReached(cluster);
      expect(await firewallFindings(cluster)).toEqual([]);

      // A rule for the links of pods does as well as one for their network.
      await node.ok(["nft", "delete table inet input"]);
      const forLinks = `iifname "${podLinks[provider]}" accept;`;
      await node.ok(["nft", table("input", `${established} ${forLinks}`)]);
      await apiReached(cluster);
      const found = await firewallFindings(cluster);
      expect(found.map(({ message }) => message.split(":")[0])).toEqual(["closed"]);
      await followed(cluster, "firewall:inet/input/guard");
      await apiReached(cluster);
      expect(await firewallFindings(cluster)).toEqual([]);
    });
  }, 900_000);
}

interface Manager {
  readonly finds: string;
  /** Programs that run beside the test, and what is then done. */
  readonly programs: readonly (readonly [log: string, ...args: string[]])[];
  readonly script: string;
  readonly url: (cluster: TestCluster) => Promise<string>;
  /** Whether pods do not reach that while it is closed; other nodes never reach this one. */
  readonly cutsPodsOff: boolean;
}

const managers: Readonly<Record<string, Manager>> = {
  ufw: {
    finds: "firewall:INPUT",
    programs: [],
    script: "ufw --force enable",
    url: async () => api,
    // Calico's rule for its pods comes before those of ufw.
    cutsPodsOff: false,
  },
  firewalld: {
    finds: "firewall:firewalld",
    programs: [
      ["dbus", "dbus-daemon", "--system", "--nofork", "--nopidfile"],
      ["firewalld", "firewalld", "--nofork", "--nopid"],
    ],
    script: "mkdir -p /run/dbus",
    url: podAddress,
    cutsPodsOff: true,
  },
};

for (const [name, manager] of Object.entries(managers)) {
  test(`${name}: what it closes is found, and opened in its own words`, async () => {
    await using cluster = await startTestCluster({ controllers: [singleNode({ root: "firewalls" })] });
    await withLogs(cluster.network, async () => {
      const { controller: node } = cluster;
      await startWeb(node);
      await webAnswers(node);
      const url = await manager.url(cluster);
      expect(await reached(cluster, url), url).toBe(true);
      expect(await firewallFindings(cluster)).toEqual([]);

      await node.ok(["/bin/sh", "-ec", manager.script]);
      for (const [log, ...argv] of manager.programs) await node.start(log, argv);
      await node.waitFor("the closed firewall", async () => (await firewallFindings(cluster)).length > 0);
      await node.waitFor(
        "what it does to pods",
        async () => (await reached(cluster, url)) !== manager.cutsPodsOff,
      );
      await followed(cluster, manager.finds);
      await node.waitFor("an answer to a pod", () => reached(cluster, url), { intervalMs: 500 });
      await webAnswers(node);
      expect(await firewallFindings(cluster)).toEqual([]);
    });
  }, 900_000);
}

async function podAddress({ kubectl }: TestCluster): Promise<string> {
  const path = "jsonpath={.items[0].status.podIP}";
  return `http://${await kubectl("get", "pods", "-l", "app=web", "-o", path)}:8080/`;
}

const table = (hook: "forward" | "input", rules: string): string =>
  `table inet ${hook} { chain guard { type filter hook ${hook} priority 0; policy drop; ${rules} }; }`;

interface Finding {
  readonly id: string;
  readonly message: string;
  readonly remedy: string;
}

/** Of firewalls. Its exit code shows that the node's own ports, links and rules are not held against it. */
async function firewallFindings({ controller }: TestCluster): Promise<readonly Finding[]> {
  const reports = JSON.parse(await controller.k0s("sysinfo", "-o", "json")) as {
    path: string[];
    category: string;
    message: string;
    remedy: string;
  }[];
  return reports
    .filter(({ category }) => category !== "pass")
    .map(({ path, message, remedy }) => ({ id: path.at(-1) ?? "", message, remedy }))
    .filter(({ id }) => id.startsWith("firewall:"));
}

/** Runs the commands of the only finding. */
async function followed(cluster: TestCluster, id: string): Promise<void> {
  const findings = await firewallFindings(cluster);
  expect(findings.map((finding) => finding.id)).toEqual([id]);
  const [, commands = "false"] = /`([^`]+)`/.exec(findings[0]?.remedy ?? "") ?? [];
  await cluster.controller.ok(["/bin/sh", "-ec", commands]);
  console.log(`${id}: ${commands}`);
}

/** Any answer will do, also that one may not ask. */
async function reached({ controller }: TestCluster, url: string): Promise<boolean> {
  const visit = ["exec", "visitor", "--", "curl", "-sSk", "--max-time", "5", url];
  return (await controller.tryKubectl(...visit)).code === 0;
}

async function apiReached(cluster: TestCluster): Promise<void> {
  const { controller } = cluster;
  await controller.waitFor("the API from a pod", () => reached(cluster, api), { intervalMs: 500 });
}

async function silent(cluster: TestCluster, url: string): Promise<void> {
  expect(await reached(cluster, url), url).toBe(false);
}
