// What a network carries, by family: each check throws, or says in a word why it is not asked for.

import { expect } from "bun:test";
import type { TestCluster } from "./cluster.ts";
import { fixture } from "./fixture.ts";
import { ipv6Of } from "./ipv6-machine.ts";
import { type PlacedPod, podsOf } from "./network-checks.ts";

export type Family = "IPv4" | "IPv6";

export interface Place {
  readonly cluster: TestCluster;
  readonly family: Family;
}

const both = "spec: {ipFamilyPolicy: RequireDualStack, selector: {app: web}";
/** Beside the pods of two-nodes.yaml. */
export const matrixObjects = `
apiVersion: v1
kind: Service
metadata: {name: both}
${both}, ports: [{port: 80, targetPort: http}]}
---
apiVersion: v1
kind: Service
metadata: {name: both-outside}
${both}, type: NodePort, ports: [{port: 80, targetPort: http, nodePort: 30081}]}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: door}
spec:
  selector: {matchLabels: {app: door}}
  template:
    metadata: {labels: {app: door}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: web
          image: localhost/k0s/web:1
          imagePullPolicy: Never
          ports: [{containerPort: 8080, hostPort: 8180}]
`;

const url = (ip: string, port: number): string => `http://${ip.includes(":") ? `[${ip}]` : ip}:${port}/`;
const isOf = (family: Family, ip: string): boolean => ip.includes(":") === (family === "IPv6");
const curl = (target: string): string[] => ["curl", "-sS", "-k", "--max-time", "3", target];

async function answers({ cluster }: Place, pod: PlacedPod, target: string): Promise<boolean> {
  return (await cluster.tryKubectl("exec", pod.name, "--", ...curl(target))).code === 0;
}

async function until({ cluster }: Place, what: string, work: () => Promise<boolean>): Promise<void> {
  await cluster.controller.waitFor(what, work, { timeoutMs: 60_000, intervalMs: 500 });
}

/** Where the web server of each node is, by this family. */
async function webs({ cluster, family }: Place): Promise<readonly (readonly [node: string, ip: string])[]> {
  const path = '{range .items[*]}{.spec.nodeName} {.status.podIPs[*].ip}{"\\n"}{end}';
  const text = await cluster.kubectl("get", "pods", "-l", "app=web", "-o", `jsonpath=${path}`);
  return text
    .trim()
    .split("\n")
    .map((line) => {
      const [node = "", ...ips] = line.split(" ");
      return [node, ips.find((ip) => isOf(family, ip)) ?? `no ${family} address`] as const;
    });
}

async function serviceAddress({ cluster, family }: Place): Promise<string> {
  const ips = await cluster.kubectl("get", "service", "both", "-o", "jsonpath={.spec.clusterIPs[*]}");
  return ips.split(" ").find((ip) => isOf(family, ip)) ?? `no ${family} address`;
}

async function eachPod(place: Place, sameNode: boolean): Promise<void> {
  for (const visitor of await podsOf(place.cluster, "visitor"))
    for (const [node, ip] of await webs(place))
      if ((node === visitor.node) === sameNode)
        await until(place, `${ip} from ${visitor.node}`, () => answers(place, visitor, url(ip, 8080)));
}

/** Every node is asked from outside, by a host that has no pods. */
async function eachNode(place: Place, port: number): Promise<void> {
  const { cluster, family } = place;
  for (const machine of cluster.workers.values()) {
    const target = url(family === "IPv4" ? machine.address : ipv6Of(machine), port);
    await until(place, target, async () => (await cluster.controller.exec(curl(target))).code === 0);
  }
}

export const matrixChecks: Readonly<Record<string, (place: Place) => Promise<void>>> = {
  "pod→pod, one node": (place) => eachPod(place, true),
  "pod→pod, two nodes": (place) => eachPod(place, false),
  "pod→service": async (place) => {
    const target = url(await serviceAddress(place), 80);
    for (const visitor of await podsOf(place.cluster, "visitor"))
      await until(place, `${target} from ${visitor.node}`, () => answers(place, visitor, target));
  },
  // The server of each node asks its own service, until it has been answered by itself, too.
  "service→own pod": async (place) => {
    const target = url(await serviceAddress(place), 80);
    for (const machine of place.cluster.workers.values())
      await until(
        place,
        `${target} from ${machine.name}`,
        async () => (await machine.exec(curl(target))).code === 0,
      );
  },
  nodePort: (place) => eachNode(place, 30_081),
  hostPort: (place) => eachNode(place, 8180),
  DNS: async (place) => {
    const wanted = await serviceAddress(place);
    for (const visitor of await podsOf(place.cluster, "visitor"))
      await until(place, `the name of the service from ${visitor.node}`, async () => {
        const type = place.family === "IPv4" ? "-type=a" : "-type=aaaa";
        const name = "both.default.svc.cluster.local.";
        const { stdout } = await place.cluster.tryKubectl("exec", visitor.name, "--", "nslookup", type, name);
        return stdout.includes(wanted);
      });
  },
  egress: async (place) => {
    const { controller } = place.cluster;
    const target = `https://${place.family === "IPv4" ? controller.address : `[${ipv6Of(controller)}]`}:6443/`;
    for (const visitor of await podsOf(place.cluster, "visitor"))
      await until(place, `${target} from ${visitor.node}`, () => answers(place, visitor, target));
  },
  NetworkPolicy: async (place) => {
    const { cluster } = place;
    const visitors = await podsOf(cluster, "visitor");
    const pairs = (await webs(place)).flatMap(([, ip]) => visitors.map((visitor) => [visitor, ip] as const));
    const all = async (expected: boolean): Promise<void> => {
      for (const [visitor, ip] of pairs)
        await until(
          place,
          `${expected ? "permission" : "denial"} of ${visitor.node} → ${ip}`,
          async () => (await answers(place, visitor, url(ip, 8080))) === expected,
        );
    };
    await cluster.apply(await fixture("guarded.yaml"));
    try {
      await all(false);
      await cluster.kubectl("label", "pod", "-l", "app=visitor", "access=granted");
      await all(true);
    } finally {
      await cluster.kubectl("delete", "networkpolicy", "web-guarded");
      await cluster.kubectl("label", "pod", "-l", "app=visitor", "access-");
    }
  },
};

export interface MatrixRow {
  readonly name: string;
  /** Check → `yes`, or what it said. */
  readonly results: ReadonlyMap<string, string>;
}

/** All checks, whatever some of them say. */
export async function matrixRow(name: string, place: Place): Promise<MatrixRow> {
  const results = new Map<string, string>();
  for (const [check, run] of Object.entries(matrixChecks)) {
    try {
      await run(place);
      results.set(check, "yes");
    } catch (err) {
      results.set(check, String(err));
    }
  }
  return { name, results };
}

export function matrixTable(rows: readonly MatrixRow[]): string {
  const checks = Object.keys(matrixChecks);
  const cells = ({ results }: MatrixRow) =>
    checks.map((check) => (results.get(check) === "yes" ? "yes" : "NO"));
  const line = (texts: readonly string[]): string => `| ${texts.join(" | ")} |`;
  return [
    line(["network, mode of kube-proxy, family", ...checks]),
    line(["---", ...checks.map(() => "---")]),
    ...rows.map((row) => line([row.name, ...cells(row)])),
  ].join("\n");
}

export function expectAllYes(rows: readonly MatrixRow[]): void {
  const wrong = rows.flatMap(({ name, results }) =>
    [...results].filter(([, said]) => said !== "yes").map(([check, said]) => `${name}: ${check}: ${said}`),
  );
  expect(wrong).toEqual([]);
}
