// What the network of a cluster with several nodes must do, whatever makes it: each a check that throws.

import { expect } from "bun:test";
import { fixture } from "./fixture.ts";
import type { TestCluster } from "./cluster.ts";
import { ipv6Of } from "./ipv6-machine.ts";

export interface PlacedPod {
  readonly name: string;
  readonly node: string;
  readonly ip: string;
}

/** Puts a web server and a visitor on every node and waits until they are ready. */
export async function deployNetworkPods(cluster: TestCluster): Promise<void> {
  await cluster.apply(await fixture("two-nodes.yaml"));
  for (const name of ["web", "visitor"])
    await cluster.kubectl("rollout", "status", `daemonset/${name}`, "--timeout=240s");
  await cluster.systemPodsReady();
}

export async function podsOf(cluster: TestCluster, app: string): Promise<PlacedPod[]> {
  const path = '{range .items[*]}{.metadata.name} {.spec.nodeName} {.status.podIP}{"\\n"}{end}';
  const text = await cluster.kubectl("get", "pods", "-l", `app=${app}`, "-o", `jsonpath=${path}`);
  return text
    .trim()
    .split("\n")
    .map((line) => {
      const [name = "", node = "", ip = ""] = line.split(" ");
      return { name, node, ip };
    });
}

const visit = (cluster: TestCluster, from: PlacedPod, url: string): Promise<string> =>
  cluster.kubectl("exec", from.name, "--", "curl", "-sS", "--fail", "--max-time", "5", url);

/** Fresh pods take a moment to be known everywhere. */
async function eventually(cluster: TestCluster, what: string, work: () => Promise<unknown>): Promise<void> {
  await cluster.controller.waitFor(what, async () => (await work(), true), { intervalMs: 1_000 });
}

/** With brackets where it needs them. */
const inUrl = (ip: string): string => (ip.includes(":") ? `[${ip}]` : ip);

type NetworkCheck = (cluster: TestCluster) => Promise<void>;

export const networkChecks: Readonly<Record<string, NetworkCheck>> = {
  "pods reach pods on every node, by address": async (cluster) => {
    const [webs, visitors] = await Promise.all([podsOf(cluster, "web"), podsOf(cluster, "visitor")]);
    expect(new Set(webs.map(({ node }) => node)).size).toBe(cluster.workers.size);
    for (const visitor of visitors)
      for (const web of webs)
        await eventually(cluster, `${web.name} from ${visitor.name}`, async () =>
          expect(await visit(cluster, visitor, `http://${inUrl(web.ip)}:8080/`)).toContain(web.name),
        );
  },
  "a Service is reached by its name, from every node, and spreads over all nodes": async (cluster) => {
    const webs = await podsOf(cluster, "web");
    for (const visitor of await podsOf(cluster, "visitor")) {
      const seen = new Set<string>();
      await eventually(cluster, `all servers from ${visitor.name}`, async () => {
        const answer = await visit(cluster, visitor, "http://web.default.svc.cluster.local/");
        seen.add(webs.find(({ name }) => answer.includes(name))?.name ?? "");
        expect(seen.size).toBe(webs.length);
      });
    }
  },
  "a NodePort answers on every node": async (cluster) => {
    const [web] = await podsOf(cluster, "web");
    for (const machine of cluster.workers.values()) {
      const node = web?.ip.includes(":") === true ? ipv6Of(machine) : machine.address;
      const ask = ["curl", "-sS", "--max-time", "5", `http://${inUrl(node)}:30080/`];
      await eventually(cluster, `the port on ${machine.name}`, async () =>
        expect(await cluster.controller.ok(ask)).toContain("nginx on web-"),
      );
    }
  },
  "session affinity keeps a client at one server": async (cluster) => {
    for (const visitor of await podsOf(cluster, "visitor")) {
      await eventually(cluster, "the sticky service", () => visit(cluster, visitor, "http://sticky/"));
      const script =
        "for i in 1 2 3 4 5 6 7 8 9 10; do curl -sS --max-time 5 http://sticky/; done | sort | uniq | wc -l";
      const answers = await cluster.kubectl("exec", visitor.name, "--", "/bin/sh", "-c", script);
      expect(Number(answers.trim())).toBe(1);
    }
  },
  "names of the cluster resolve in pods": async (cluster) => {
    const api = await cluster.kubectl("get", "service", "kubernetes", "-o", "jsonpath={.spec.clusterIP}");
    for (const visitor of await podsOf(cluster, "visitor"))
      await eventually(cluster, "the name of the API", async () =>
        expect(
          await cluster.kubectl(
            "exec",
            visitor.name,
            "--",
            "nslookup",
            "kubernetes.default.svc.cluster.local",
          ),
        ).toContain(api),
      );
  },
  "a policy that denies, denies between nodes too": async (cluster) => {
    await cluster.apply(await fixture("guarded.yaml"));
    const webs = await podsOf(cluster, "web");
    const visitors = await podsOf(cluster, "visitor");
    const reaches = async (visitor: PlacedPod, web: PlacedPod): Promise<boolean> =>
      (
        await cluster.controller.exec([
          "k0s",
          "kubectl",
          "exec",
          visitor.name,
          "--",
          "curl",
          "-sS",
          "--max-time",
          "2",
          `http://${inUrl(web.ip)}:8080/`,
        ])
      ).code === 0;
    const pairs = visitors.flatMap((visitor) => webs.map((web) => [visitor, web] as const));
    try {
      for (const [visitor, web] of pairs)
        await cluster.controller.waitFor(
          `the denial of ${visitor.node} → ${web.node}`,
          async () => !(await reaches(visitor, web)),
        );
      await cluster.kubectl("label", "pod", "-l", "app=visitor", "access=granted");
      for (const [visitor, web] of pairs)
        await cluster.controller.waitFor(`the permission of ${visitor.node} → ${web.node}`, () =>
          reaches(visitor, web),
        );
    } finally {
      await cluster.kubectl("delete", "networkpolicy", "web-guarded");
      await cluster.kubectl("label", "pod", "-l", "app=visitor", "access-");
    }
  },
};
