import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { clusterConfigSchema } from "../../../src/config/cluster-config.ts";
import type { ClusterConfig } from "../../../src/config/cluster-config.ts";
import { csrApprover } from "../../../src/components/kubelet-serving-certificates/approver.ts";
import type { CertificateSigningRequest } from "../../../src/kube/objects/certificate-signing-request.ts";
import { kubeletServingCaPublisher } from "../../../src/components/kubelet-serving-certificates/serving-ca.ts";
import { nodeIndex } from "../../../src/deployer/node-index.ts";
import { runtimeClasses } from "../../../src/components/runtime-classes/component.ts";
import type { KubeClient } from "../../../src/kube/client.ts";
import { nodeRoleLabeller } from "../../../src/components/node-role/component.ts";
import { systemRbacComponent } from "../../../src/components/system-rbac/component.ts";
import { workerConfigReconciler } from "../../../src/components/worker-config/publish.ts";
import { createStackDeployer } from "../../../src/deployer/stack-deployer.ts";
import { alwaysLeader } from "../../../src/kube/lease.ts";
import type { KubeObject } from "../../../src/kube/types.ts";
import { errorMessage } from "../../../src/std/errors.ts";
import { lookPause } from "../../harness/look-pause.ts";
import { pollUntil } from "../../../src/std/wait.ts";
import type { Component } from "../../../src/supervisor/component.ts";
import { startTestApiServer } from "./api-server.ts";
import type { TestApiServer } from "./api-server.ts";
import { memoryLog } from "./memory-log.ts";
import { componentsOf } from "../../../src/roles/folds/components.ts";
import { type ControllerParts, controllerRole } from "../../../src/roles/controller.ts";
import { plainController } from "../../../src/cli/node/testdata/plain-controller.ts";
import { systemStacksOf, workloadsOf } from "../../../src/roles/folds/workloads.ts";

let api: TestApiServer;
let dir: string;
const log = memoryLog();
const started: Component[] = [];
const client = async () => api.client;
const signal = AbortSignal.timeout(600_000);

beforeAll(async () => {
  api = await startTestApiServer();
  dir = await mkdtemp(join(tmpdir(), "k0s-controllers-"));
}, 400_000);

afterEach(async () => {
  for (const component of started.splice(0).toReversed()) await component.stop();
});

afterAll(async () => {
  await api?.stop();
  await rm(dir, { recursive: true, force: true });
});

async function run(component: Component): Promise<void> {
  started.push(component);
  await component.init?.(signal);
  await component.start(signal);
  await component.ready?.(signal);
}

const configOf = (provider: string): ClusterConfig =>
  clusterConfigSchema({ single: true, dataDir: "/var/lib/k0s", publicAddress: "192.0.2.1" }).parse({
    spec: { network: { provider } },
  });

const soon = <T>(what: string, probe: () => Promise<T>) =>
  pollUntil(probe, { what, intervalMs: lookPause(20), timeoutMs: 120_000 });

for (const provider of ["calico", "kuberouter"]) {
  test(`every system stack with ${provider} is accepted by the API server as it is`, async () => {
    log.lines.length = 0;
    const config = configOf(provider);
    const manifestsDir = join(dir, provider);
    const stacks = createStackDeployer({
      client,
      systemStacks: systemStacksOf(controllerRole),
      manifestsDir,
      inventoryDir: join(dir, `${provider}-deployed`),
      under: "",
      machine: "m",
      leader: alwaysLeader(),
      log,
    });
    const nodes = nodeIndex({ client, log });
    const plain = plainController(config);
    const paths = { ...plain.paths, manifestsDir };
    const node: ControllerParts = { ...plain, single: true, paths, client, stacks, nodes, log };
    const addons = controllerRole.filter(({ stacks: own }) => own !== undefined);
    await run(nodes);
    for (const component of await componentsOf(addons, node, node)) await run(component);
    await run(stacks);
    const names = workloadsOf(controllerRole, node);
    expect(names).toContain(provider === "calico" ? "calico-node" : "kube-router");
    await soon("the workloads", async () => {
      const lists = await Promise.all(
        ["Deployment", "DaemonSet"].map((kind) =>
          api.client.list({ apiVersion: "apps/v1", kind }, { namespace: "kube-system" }),
        ),
      );
      const present = lists.flatMap((list) => list.items.map((item) => item.metadata.name));
      return names.every((name) => present.includes(name));
    });
    await soon("the API service", () =>
      api.client.find({
        apiVersion: "apiregistration.k8s.io/v1",
        kind: "APIService",
        name: "v1beta1.metrics.k8s.io",
      }),
    );
    await Bun.sleep(300);
    const complaints = log.lines.filter(({ level }) => level === "warn" || level === "error");
    expect(complaints).toEqual([]);
  }, 300_000);
}

test("bootstrap permissions are there when system RBAC is ready, and no node is a controller by its name", async () => {
  await run(systemRbacComponent({ client, log, autopilot: true }));
  const names = (
    await api.client.list({ apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRoleBinding" })
  ).items.map((item) => item.metadata.name);
  expect(names).toEqual(
    expect.arrayContaining(["kubelet-bootstrap", "k0s:node-proxier", "system:nodes:autopilot"]),
  );
  const lease = (name: string): KubeObject => ({
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name, namespace: "kube-node-lease" },
    spec: { holderIdentity: name, leaseDurationSeconds: 40 },
  });
  await soon("the namespace of leases", () =>
    api.client.find({ apiVersion: "v1", kind: "Namespace", name: "kube-node-lease" }),
  );
  const impostor = await api.clientFor("system:node:k0s-ctrl-x", ["system:nodes"]);
  // The API server learns of a policy a moment after it is stored: until then a dry run goes through.
  const refusal = await soon("the policy", () =>
    impostor.create(lease("k0s-ctrl-x"), { dryRun: true }).then(() => false as const, errorMessage),
  );
  expect(refusal).toContain("a node must not write the lease of a controller");
  await (await api.clientFor("system:node:n7", ["system:nodes"])).create(lease("n7"));
  await api.client.create(lease("k0s-ctrl-c1"));
});

test("a controller gives its own node the role, and none to a node that calls itself one", async () => {
  await run(nodeRoleLabeller({ nodeName: "n1", role: "control-plane", client, log }));
  const calledSo = { "node.k0sproject.io/role": "control-plane" };
  const labelsOf = async (name: string) =>
    (await api.client.get({ apiVersion: "v1", kind: "Node", name })).metadata.labels ?? {};
  for (const name of ["n2", "n1"]) {
    await api.client.create({ apiVersion: "v1", kind: "Node", metadata: { name, labels: calledSo } });
  }
  const role = "node-role.kubernetes.io/control-plane";
  const labelled = await soon("the label", async () => {
    const labels = await labelsOf("n1");
    return labels[role] !== undefined && labels;
  });
  expect(labelled[role]).toBe("true");
  expect(await labelsOf("n2")).not.toHaveProperty([role]);

  // A role that is removed by mistake comes back; another one that somebody gives stays.
  const patch = (labels: Record<string, string | null>) =>
    api.client.patch({ apiVersion: "v1", kind: "Node", name: "n1" }, "merge", { metadata: { labels } });
  await patch({ [role]: null });
  await soon("the label again", async () => (await labelsOf("n1"))[role] !== undefined);
  await patch({ [role]: null, "node-role.kubernetes.io/edge": "" });
  await Bun.sleep(300);
  expect(await labelsOf("n1")).not.toHaveProperty([role]);
});

test("a RuntimeClass that is claimed is given up whatever its handler, and not made again when it is deleted just then", async () => {
  const kind = { apiVersion: "node.k8s.io/v1", kind: "RuntimeClass" };
  const claimed = {
    "k0s.k0sproject.io/stack": "runtime-classes",
    "app.kubernetes.io/managed-by": "Helm",
  };
  const put = (name: string, handler: string) =>
    api.client.apply(
      { ...kind, metadata: { name, labels: claimed }, handler },
      { fieldManager: "k0s", force: true },
    );
  await put("nvidia", "nvidia-cdi");
  await put("crun", "crun");
  let races = 0;
  const racing: KubeClient = {
    ...api.client,
    async apply(object, options) {
      if (object.metadata.name === "crun") {
        races += 1;
        await api.client.delete({ ...kind, name: "crun" });
      }
      return await api.client.apply(object, options);
    },
  };
  const written: string[] = [];
  await run(
    runtimeClasses({
      client: async () => racing,
      paths: { manifestsDir: join(dir, "classes") },
      stacks: {
        setStack: async (_, files) => void written.push(JSON.stringify([...files.values()].flat())),
        removeStack: async () => undefined,
      },
      nodes: { onRuntimes: (listener) => (listener(["nvidia", "crun"]), () => undefined) },
      log,
    }),
  );
  await soon("k0s' own", async () => written.at(-1)?.includes('"crun"'));
  expect([races, await api.client.find({ ...kind, name: "crun" })]).toEqual([1, undefined]);
  expect(written.at(-1)).not.toContain('"nvidia"');
  const left = await api.client.get({ ...kind, name: "nvidia" });
  expect(left).toMatchObject({ handler: "nvidia-cdi" });
  expect(left.metadata.labels ?? {}).not.toHaveProperty(["k0s.k0sproject.io/stack"]);
  await api.client.delete({ ...kind, name: "nvidia" });
});

test("kubelets' serving certificates are approved for a node's own names; nothing bad ever is", async () => {
  const place = async (name: string, ...addresses: string[]): Promise<void> => {
    const node = await api.client.create({ apiVersion: "v1", kind: "Node", metadata: { name } });
    const status = {
      addresses: [
        { type: "Hostname", address: name },
        ...addresses.map((address) => ({ type: "InternalIP", address })),
      ],
    };
    await api.client.update({ ...node, status }, { subresource: "status" });
  };
  await place("good", "192.0.2.7");
  await place("other", "192.0.2.8");
  // A kubelet writes its addresses itself.
  await place("liar", "192.0.2.9", "192.0.2.8", "10.96.0.1");
  const request = async (name: string, node: string, subject: string, san: string): Promise<void> => {
    const of = await api.clientFor(`system:node:${node}`, ["system:nodes"]);
    await of.create<CertificateSigningRequest>({
      apiVersion: "certificates.k8s.io/v1",
      kind: "CertificateSigningRequest",
      metadata: { name },
      spec: {
        request: Buffer.from(await certificateRequest(subject, san)).toString("base64"),
        signerName: "kubernetes.io/kubelet-serving",
        usages: ["digital signature", "server auth"],
      },
    });
  };
  const nodes = "/O=system:nodes/CN=system:node:";
  await request("as-another", "liar", `${nodes}good`, "IP:192.0.2.7");
  await request("two-names", "liar", `${nodes}good/CN=system:node:liar`, "IP:192.0.2.9");
  await request("api-server", "liar", `${nodes}liar`, "IP:192.0.2.9,IP:10.96.0.1,DNS:kubernetes.default.svc");
  await request("service", "liar", `${nodes}liar`, "IP:192.0.2.9,IP:10.96.0.1");
  await request("controller", "liar", `${nodes}liar`, "IP:192.0.2.1");
  await request("not-its-own", "liar", `${nodes}liar`, "IP:192.0.2.77");
  await request("another-nodes", "liar", `${nodes}liar`, "IP:192.0.2.8");
  await request("another-host", "liar", `${nodes}liar`, "DNS:other");
  await request("wildcard", "liar", `${nodes}liar`, "DNS:*,IP:192.0.2.9");
  await request("too-early", "late", `${nodes}late`, "DNS:late,IP:192.0.2.20");
  await run(
    csrApprover({
      config: configOf("calico"),
      ownNode: undefined,
      ownAuthority: true,
      foreignEndpoints: false,
      client,
      leader: alwaysLeader(),
      log,
    }),
  );
  await request("good", "good", `${nodes}good`, "DNS:good,IP:192.0.2.7");
  const conditions = (name: string) =>
    soon(`the approval of ${name}`, async () => {
      const found = await conditionsOf(name);
      return found.length > 0 && found;
    });
  const conditionsOf = async (name: string) =>
    (
      await api.client.get<CertificateSigningRequest>({
        apiVersion: "certificates.k8s.io/v1",
        kind: "CertificateSigningRequest",
        name,
      })
    ).status?.conditions ?? [];
  expect(await conditions("good")).toMatchObject([
    { type: "Approved", reason: "Autoapproved by K0s CSRApprover" },
  ]);
  await place("late", "192.0.2.20");
  await conditions("too-early");
  const { items } = await api.client.list<CertificateSigningRequest>({
    apiVersion: "certificates.k8s.io/v1",
    kind: "CertificateSigningRequest",
  });
  const approved = items.filter(({ status }) => (status?.conditions ?? []).length > 0);
  expect(new Set(approved.map(({ metadata }) => metadata.name))).toEqual(new Set(["good", "too-early"]));
}, 300_000);

test("what verifies kubelets is published, and comes back", async () => {
  await mkdir(join(dir, "pki"));
  await writeFile(join(dir, "pki/kubelet-serving-bundle.crt"), "bundle\n");
  await run(kubeletServingCaPublisher({ pkiDir: join(dir, "pki"), client, leader: alwaysLeader(), log }));
  const ref = { apiVersion: "v1", kind: "ConfigMap", namespace: "kube-system", name: "kubelet-serving-ca" };
  const published = () =>
    soon("the ConfigMap", async () => {
      const map = await api.client.find<KubeObject & { data?: Record<string, string> }>(ref);
      return map?.data?.["ca.crt"] === "bundle\n" && map;
    });
  await published();
  await api.client.patch(ref, "merge", { data: { "ca.crt": "mine\n" } });
  await published();
  await api.client.delete(ref);
  await published();
});

test("workers' configuration follows the API servers and the configuration", async () => {
  const options = {
    client,
    log,
    k0sVersion: "v1.37.2+k0s.0",
    leaseClient: client,
    holder: { identity: "one" },
    konnectivity: false,
    autopilot: false,
  };
  const reconciler = workerConfigReconciler({ ...options, config: configOf("calico"), resyncMs: 500 });
  await run(reconciler);
  const endpoints: KubeObject = {
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: { name: "kubernetes", namespace: "default" },
    subsets: [{ addresses: [{ ip: "192.0.2.1" }], ports: [{ name: "https", port: 6443, protocol: "TCP" }] }],
  };
  await api.client.create(endpoints);
  const find = (name: string) =>
    api.client.find<KubeObject & { data?: Record<string, string> }>({
      apiVersion: "v1",
      kind: "ConfigMap",
      namespace: "kube-system",
      name,
    });
  const map = await soon("the ConfigMap", () => find("worker-config-default-1.37"));
  expect(JSON.parse(map.data?.["apiServerAddresses"] ?? "")).toEqual(["192.0.2.1:6443"]);
  const more = configOf("calico");
  await reconciler.reconcile?.(
    { ...more, spec: { ...more.spec, workerProfiles: [{ name: "big", values: { maxPods: 9 } }] } },
    signal,
  );
  await soon("the new profile", () => find("worker-config-big-1.37"));
  const node = await api.clientFor("system:node:n9", ["system:nodes"]);
  const seen = await node.get<KubeObject & { data?: Record<string, string> }>({
    apiVersion: "v1",
    kind: "ConfigMap",
    namespace: "kube-system",
    name: "worker-config-big-1.37",
  });
  expect(JSON.parse(seen.data?.["kubeletConfiguration"] ?? "")).toMatchObject({ maxPods: 9 });
  await reconciler.reconcile?.(more, signal);
  await soon("the profile to go", async () => {
    const gone = await find("worker-config-big-1.37");
    return gone === undefined || gone.metadata.deletionTimestamp !== undefined;
  });
  // Without it no worker can join or start again: somebody's mistake is made good.
  await api.client.delete({
    apiVersion: "v1",
    kind: "ConfigMap",
    namespace: "kube-system",
    name: map.metadata.name ?? "",
  });
  const restored = await soon("it to come back", () => find("worker-config-default-1.37"));
  expect(restored.metadata.uid).not.toBe(map.metadata.uid ?? "");
}, 300_000);

async function certificateRequest(subject: string, san: string): Promise<string> {
  const config = join(dir, "csr.cnf");
  await writeFile(
    config,
    `[req]\ndistinguished_name=dn\nreq_extensions=ext\n[dn]\n[ext]\nsubjectAltName=${san}\n`,
  );
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "/dev/null"];
  const out = join(dir, "request.pem");
  await promisify(execFile)("openssl", [
    "req",
    "-new",
    ...key,
    "-subj",
    subject,
    "-config",
    config,
    "-out",
    out,
  ]);
  return await readFile(out, "utf8");
}
