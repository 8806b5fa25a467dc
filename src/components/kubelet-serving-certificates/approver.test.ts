// How often the approver asks, against a client that counts. That it approves the right ones at a real API server is tested in
// test/integration/kube/controllers.test.ts.

import "reflect-metadata";
import { expect, test } from "bun:test";
import { Pkcs10CertificateRequestGenerator, SubjectAlternativeNameExtension } from "@peculiar/x509";
import { clusterConfigSchema } from "../../config/cluster-config.ts";
import type { KubeClient, ListOptions } from "../../kube/client.ts";
import { alwaysLeader } from "../../kube/lease.ts";
import type { KubeResource } from "../../kube/types.ts";
import { generateKeyPem, webCryptoKeys } from "../../pki/keys.ts";
import { isIp } from "../../std/ip.ts";
import { silentLog } from "../../supervisor/testdata/recording-log.ts";
import type { Component } from "../../supervisor/component.ts";
import { csrApprover, pauseAfterList } from "./approver.ts";
import type { CertificateSigningRequest } from "../../kube/objects/certificate-signing-request.ts";

const key = await webCryptoKeys(await generateKeyPem("p256"));

const first = "2026-11-26T10:00:00Z";

async function requestOf(
  node: string,
  name: string,
  creationTimestamp = first,
): Promise<CertificateSigningRequest> {
  const { algorithm, ...keys } = key;
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: [{ O: ["system:nodes"] }, { CN: [`system:node:${node}`] }],
    keys,
    signingAlgorithm: algorithm,
    extensions: [new SubjectAlternativeNameExtension([{ type: isIp(name) ? "ip" : "dns", value: name }])],
  });
  return {
    apiVersion: "certificates.k8s.io/v1",
    kind: "CertificateSigningRequest",
    metadata: {
      name: `csr-${node}${creationTimestamp === first ? "" : "-again"}`,
      uid: `${node} ${creationTimestamp}`,
      creationTimestamp,
    },
    spec: {
      request: Buffer.from(request.toString("pem")).toString("base64"),
      username: `system:node:${node}`,
      groups: ["system:nodes"],
      usages: ["digital signature", "server auth"],
    },
  };
}

/** A cluster of nodes that are called as their addresses, with some requests. */
function cluster(nodes: readonly string[], requests: readonly CertificateSigningRequest[]) {
  const calls = { lists: 0, finds: 0, reviews: 0, failing: 0, running: 0, mostRunning: 0 };
  const counted = async <T>(answer: T): Promise<T> => {
    calls.mostRunning = Math.max(calls.mostRunning, ++calls.running);
    await Bun.sleep(0);
    calls.running--;
    return answer;
  };
  const nodesAsked: { readonly pageSize?: number; readonly held: readonly KubeResource[] }[] = [];
  const approved = new Set<string>();
  const nodeOf = (name: string): KubeResource & { status: unknown } => ({
    apiVersion: "v1",
    kind: "Node",
    metadata: { name },
    status: {
      addresses: [{ type: "Hostname", address: name }],
      images: [{ names: ["registry.example/a:1"] }],
    },
  });
  const client = {
    list: async ({ kind }: { kind: string }, options: ListOptions<KubeResource>) => {
      if (kind === "EtcdMember")
        return { resourceVersion: "1", items: [{ status: { peerAddress: "203.0.113.1" } }] };
      if (kind !== "Node") return { resourceVersion: "1", items: requests };
      calls.lists++;
      if (calls.failing-- > 0) throw new Error("the API server is away");
      const held = nodes.map(nodeOf).map(options.keep ?? ((node) => node));
      nodesAsked.push({ ...options, held });
      return { resourceVersion: "1", items: held };
    },
    async *watch(_: unknown, { signal }: { signal: AbortSignal }) {
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      yield* [];
    },
    find: async ({ kind, name }: { kind: string; name: string }) => {
      if (kind === "Endpoints") return { subsets: [{ addresses: [{ ip: "203.0.113.1" }] }] };
      calls.finds++;
      return counted(nodes.includes(name) ? nodeOf(name) : undefined);
    },
    create: async () => {
      calls.reviews++;
      return counted({ status: { allowed: true } });
    },
    update: async (csr: CertificateSigningRequest) => counted(approved.add(csr.metadata.name ?? "")),
  };
  return { calls, approved, nodesAsked, client: client as unknown as KubeClient };
}

async function approverOf(
  client: KubeClient,
  firstMs = 1_000,
  { sans = [], foreignEndpoints = false }: { sans?: string[]; foreignEndpoints?: boolean } = {},
): Promise<Component> {
  const config = clusterConfigSchema({ single: false, dataDir: "/d", publicAddress: "10.0.0.1" }).parse({
    spec: { api: { sans } },
  });
  const approver = csrApprover({
    config,
    ownNode: undefined,
    ownAuthority: true,
    foreignEndpoints,
    client: async () => client,
    leader: alwaysLeader(),
    log: silentLog,
    again: { firstMs, longestMs: 60_000 },
  });
  await approver.start(new AbortController().signal);
  return approver;
}

async function until(what: () => boolean): Promise<void> {
  for (let tries = 0; !what(); tries++) {
    if (tries > 1_000) throw new Error("it never came to be");
    await Bun.sleep(10);
  }
}

test("many nodes that come at once cost one list of nodes", async () => {
  const names = Array.from({ length: 100 }, (_, index) => `w${index}`);
  const { client, calls, approved } = cluster(
    names,
    await Promise.all(names.map((name) => requestOf(name, name))),
  );
  const approver = await approverOf(client);
  await until(() => approved.size === names.length);
  await approver.stop();
  expect(calls).toMatchObject({ lists: 1, finds: 100, reviews: 100 });
  // 256 calls at a time are all that this process has, for everything.
  expect(calls.mostRunning).toBeLessThanOrEqual(32);
});

test("of other nodes it asks in pages, and holds no more than their addresses", async () => {
  const { client, nodesAsked, approved } = cluster(["w1", "w2"], [await requestOf("w1", "w1")]);
  const approver = await approverOf(client);
  await until(() => approved.size === 1);
  await approver.stop();
  expect(nodesAsked[0]?.pageSize).toBeLessThanOrEqual(200);
  expect(nodesAsked[0]?.held[0]).toEqual({
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: "w1" },
    status: { addresses: [{ type: "Hostname", address: "w1" }] },
  } as KubeResource);
});

test("a long list is repeated rarely, a short one soon, however long a busy host took for it", () => {
  // A thousand nodes: a tenth of the time, at most a hundred nodes a second.
  expect(pauseAfterList(800, 1_000)).toBe(8_000);
  expect(pauseAfterList(3_000, 1_000)).toBe(10_000);
  expect(pauseAfterList(400, 10)).toBe(500);
  expect(pauseAfterList(2, 10)).toBe(500);
});

test("what can never be approved costs nothing, what cannot be approved yet ever less, and neither holds up the others", async () => {
  const { client, calls, approved } = cluster(
    ["w1", "w2"],
    [await requestOf("nowhere", "nowhere"), await requestOf("w1", "*.w1"), await requestOf("w2", "w2")],
  );
  const approver = await approverOf(client);
  await until(() => approved.size === 1);
  await Bun.sleep(1_500);
  await approver.stop();
  expect([...approved]).toEqual(["csr-w2"]);
  expect(calls.lists).toBe(1);
  // At once, after a second or a half.
  expect(calls.finds).toBeLessThanOrEqual(4);
});

test("an API server that is away refuses nothing: it is asked again", async () => {
  const { client, calls, approved } = cluster(["w1"], [await requestOf("w1", "w1")]);
  calls.failing = 1;
  const approver = await approverOf(client);
  await until(() => approved.size === 1);
  await approver.stop();
  expect(calls.lists).toBe(2);
});

test("a node that gets no certificate for long is a fault, until it has asked again and got one", async () => {
  const wrong = await requestOf("w1", "w2");
  const waiting = cluster(["w1", "w2"], [wrong]);
  const approver = await approverOf(waiting.client, 1);
  const { signal } = new AbortController();
  const health = (): Promise<string> =>
    (approver.health?.(signal) ?? Promise.resolve()).then(() => "well", String);
  expect(await health()).toBe("well");
  await until(() => waiting.calls.finds >= 7);
  expect(await health()).toContain("the kubelet of w1 gets no serving certificate");
  expect(await health()).toContain("w2 is not among the addresses of node w1");
  await approver.stop();
  expect(await health()).toBe("well");

  // kubelet asks again; what it asked first stays in the cluster for a day.
  const both = cluster(["w1", "w2"], [wrong, await requestOf("w1", "w1", "2026-11-26T10:15:00Z")]);
  const other = await approverOf(both.client, 1);
  await until(() => both.calls.finds >= 8);
  expect(await other.health?.(signal)).toBeUndefined();
  await other.stop();
});

test.each([false, true])(
  "a list of all hosts in spec.api.sans: workers get their certificates, controllers' addresses stay theirs (%p)",
  async (foreignEndpoints) => {
    const names = ["203.0.113.1", "203.0.113.2"];
    const { client, approved } = cluster(
      names,
      await Promise.all(names.map((name) => requestOf(name, name))),
    );
    const approver = await approverOf(client, 1, { sans: names, foreignEndpoints });
    const { signal } = new AbortController();
    const health = (): Promise<string> =>
      (approver.health?.(signal) ?? Promise.resolve()).then(() => "well", String);
    await until(() => approved.size > 0);
    let said = await health();
    for (let tries = 0; said === "well" && tries < 1_000; tries++) {
      await Bun.sleep(10);
      said = await health();
    }
    await approver.stop();
    expect([...approved]).toEqual(["csr-203.0.113.2"]);
    expect(said).toContain("203.0.113.1 is an address of a controller");
    expect(said).toContain("k0s kubectl certificate approve csr-203.0.113.1");
  },
);
