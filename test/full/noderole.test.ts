// Two controllers that are nodes and a worker, on hosts whose names have capital letters, with the configuration in the cluster
// and certificates of kubelets that live minutes. Scenarios `noderole`, `capitalhostnames`, `airgap`, `patches`, `configchange`,
// `cnichange`, `clusterreboot` and `kubeletcertrotate`: one after the other on one cluster, since each needs only a part of it.

import { expect } from "bun:test";
import { type ClusterSpec, patchClusterConfig } from "../harness/cluster-config.ts";
import { clusterOfFile, type NodePlan } from "../harness/cluster.ts";
import { certificateOn } from "../harness/kubelet-certificate.ts";
import { scenariosOn } from "../harness/scenario.ts";
import { noEviction } from "../harness/single-node.ts";
import type { TestMachine } from "../harness/test-machine.ts";

const certificateMinutes = 6;
const patchOf = (type: string, kind: string, name: string, content: object) => ({
  target: { kind, name },
  patch: { type, content: JSON.stringify(content) },
});
const template = (more: object): object => ({ spec: { template: more } });
const labelled = (value: string): object => template({ metadata: { labels: { patched: value } } });
const metricsServer = (value: string): ClusterSpec => ({
  metricsServer: { patches: [patchOf("MergePatch", "Deployment", "metrics-server", labelled(value))] },
});
const env = [{ name: "PATCHED_BY", value: "strategy" }];

const capitals = (machine: TestMachine): Promise<unknown> =>
  machine.ok(["hostname", `${machine.name[0]?.toUpperCase()}${machine.name.slice(1)}-HOST`]);
const controllerPlan = (name: string): NodePlan => ({
  name,
  args: ["--enable-worker", "--enable-dynamic-config", noEviction],
  demoImages: true,
  prepare: capitals,
});

const cluster = clusterOfFile({
  spec: {
    controllerManager: { extraArgs: { "cluster-signing-duration": `${certificateMinutes}m` } },
    network: {
      coreDNS: {
        patches: [
          patchOf("JSON", "Deployment", "coredns", [
            { op: "add", path: "/spec/template/metadata/labels/patched", value: "json" },
          ]),
        ],
      },
      calico: {
        patches: [
          patchOf(
            "StrategicMergePatch",
            "DaemonSet",
            "calico-node",
            template({ spec: { containers: [{ name: "calico-node", env }] } }),
          ),
        ],
      },
    },
    ...metricsServer("merge"),
  },
  controllers: ["one", "two"].map(controllerPlan),
});
const scenario = scenariosOn(() => cluster.network);

const workerArgs = [noEviction];
const nodes = ["one-host", "two-host", "worker-host"] as const;
const clientCertificate = "/var/lib/k0s/kubelet/pki/kubelet-client-current.pem";
const all = (): readonly TestMachine[] => [...cluster.controllers, ...cluster.workers.values()];
const jsonpath = (path: string): readonly string[] => ["-o", `jsonpath=${path}`];
const ofNode = (node: string, path: string): Promise<string> =>
  cluster.kubectl("get", "node", node, ...jsonpath(path));
const inSystem = (...words: readonly string[]): Promise<string> =>
  cluster.kubectl("-n", "kube-system", ...words);

async function systemReady(): Promise<void> {
  for (const node of nodes) await cluster.nodeReady(node);
  await inSystem("rollout", "status", "daemonset/calico-node", "--timeout=240s");
  await cluster.systemPodsReady();
}

scenario(
  "noderole, capitalhostnames: nodes of controllers have the role and the taint, that of a worker neither",
  async () => {
    await cluster.addWorker({ name: "worker", args: workerArgs, prepare: capitals });
    await systemReady();
    const names = await cluster.kubectl("get", "nodes", ...jsonpath("{.items[*].metadata.name}"));
    expect(names.split(" ").toSorted()).toEqual([...nodes]);
    const role = "node-role.kubernetes.io/control-plane";
    const taint = { key: role, effect: "NoSchedule" };
    for (const node of nodes) {
      const labels = JSON.parse(await ofNode(node, "{.metadata.labels}")) as Record<string, string>;
      const taints = await ofNode(node, "{.spec.taints}");
      const isController = node !== "worker-host";
      expect([node, labels[role]]).toEqual([node, isController ? "true" : undefined]);
      expect([node, taints === "" ? [] : JSON.parse(taints)]).toEqual([node, isController ? [taint] : []]);
      expect(labels["kubernetes.io/hostname"]).toBe(node);
    }
    const leases = await cluster.kubectl("get", "leases", "-n", "kube-node-lease", "-o", "name");
    const ofAll = [...nodes, "k0s-ctrl-one-host", "k0s-ctrl-two-host"].map(
      (name) => `lease.coordination.k8s.io/${name}`,
    );
    expect(leases.split("\n")).toEqual(expect.arrayContaining(ofAll));
    expect(Object.keys(await cluster.controller.etcdMembers()).toSorted()).toEqual(["one-host", "two-host"]);
  },
  900_000,
);

scenario("airgap: on every host every image is pinned, and no pod had to wait for one", async () => {
  for (const machine of all()) {
    const [, ...rows] = (await machine.k0s("ctr", "images", "ls")).trim().split("\n");
    expect([machine.name, rows.length > 5]).toEqual([machine.name, true]);
    const loose = rows.filter((row) => !row.includes("io.cri-containerd.pinned=pinned"));
    expect([machine.name, loose]).toEqual([machine.name, []]);
  }
  interface Listed {
    readonly items: readonly {
      readonly reason: string;
      readonly message: string;
      readonly involvedObject: { readonly kind: string; readonly name: string };
    }[];
  }
  const events = JSON.parse(await cluster.kubectl("get", "events", "-A", "-o", "json")) as Listed;
  const ofImages = events.items.filter(({ reason }) => /^(Pulled|Pulling|BackOff|ErrImage)/.test(reason));
  const others = ofImages.filter(({ message }) => !message.includes("already present on machine"));
  expect(others.map(({ message }) => message)).toEqual([]);
  const pods = await cluster.kubectl("get", "pods", "-A", ...jsonpath("{.items[*].metadata.name}"));
  const told = new Set(ofImages.map(({ involvedObject }) => involvedObject.name));
  expect(pods.split(" ").filter((pod) => !told.has(pod))).toEqual([]);
});

scenario("patches: each kind is on the pods of its add-on, and follows the configuration", async () => {
  const patched = (app: string): Promise<string> =>
    inSystem("get", "pods", "-l", `k8s-app=${app}`, ...jsonpath("{.items[*].metadata.labels.patched}"));
  expect(new Set((await patched("kube-dns")).split(" "))).toEqual(new Set(["json"]));
  expect(await patched("metrics-server")).toBe("merge");
  const env = "{.items[*].spec.containers[?(@.name=='calico-node')].env";
  const calico = (name: string): Promise<string> =>
    inSystem("get", "pods", "-l", "k8s-app=calico-node", ...jsonpath(`${env}[?(@.name=='${name}')].value}`));
  expect(await calico("PATCHED_BY")).toBe("strategy strategy strategy");
  expect(await calico("DATASTORE_TYPE")).toBe("kubernetes kubernetes kubernetes");
  await patchClusterConfig(cluster.controller, metricsServer("changed"));
  await cluster.controller.waitFor(
    "the changed patch",
    async () => (await patched("metrics-server")) === "changed",
  );
});

scenario("configchange: a profile that changes in the object reaches every node", async () => {
  const profile = { name: "default", values: { maxPods: 97 } };
  await patchClusterConfig(cluster.controller, { workerProfiles: [profile] });
  for (const node of nodes)
    await cluster.controller.waitFor(
      `the number of pods of ${node}`,
      async () => (await ofNode(node, "{.status.capacity.pods}")) === "97",
    );
});

interface ConfigEvents {
  readonly items: readonly {
    readonly type: string;
    readonly message?: string;
    readonly eventTime?: string;
  }[];
}

/** Controllers that have refused it since then; each says it under its own name. */
async function refusals(since: number): Promise<number> {
  const text = await cluster.controller.k0s("config", "status", "-o", "json");
  return (JSON.parse(text) as ConfigEvents).items.filter(
    ({ type, message = "", eventTime = "" }) =>
      type === "Warning" &&
      message.includes("cannot change CNI provider from calico to kuberouter") &&
      Date.parse(eventTime) >= since,
  ).length;
}

scenario(
  "cnichange, clusterreboot: all hosts reboot at once, and what names another network is refused again",
  async () => {
    const { controller } = cluster;
    const asked = Date.now();
    await patchClusterConfig(controller, { network: { provider: "kuberouter" } });
    await controller.waitFor("both refusals", async () => (await refusals(asked)) >= 2);
    await cluster.kubectl("run", "web", "--image=localhost/k0s/web:1", "--image-pull-policy=Never");
    await cluster.kubectl("wait", "--for=condition=Ready", "pod/web", "--timeout=240s");
    await Promise.all(all().map((machine) => machine.reboot()));
    const rebooted = Date.now();
    await Promise.all(all().map(capitals));
    await Promise.all(all().map((machine) => machine.restartK0s()));
    await Promise.all(cluster.controllers.map((machine) => machine.apiReady()));
    for (const node of nodes)
      await controller.waitFor(`${node} after the reboot`, async () => {
        const text = await ofNode(node, "{.status.conditions[?(@.type=='Ready')]}");
        const { status, lastHeartbeatTime } = JSON.parse(text) as Record<string, string>;
        return status === "True" && Date.parse(lastHeartbeatTime ?? "") >= rebooted;
      });
    await controller.waitFor("the refusal of a start", async () => (await refusals(rebooted)) >= 2);
    await controller.waitFor("the pod after the reboot", async () => {
      const path =
        "{.status.conditions[?(@.type=='Ready')].status} {.status.containerStatuses[0].state.running.startedAt}";
      const [ready, startedAt = ""] = (await cluster.kubectl("get", "pod", "web", ...jsonpath(path))).split(
        " ",
      );
      return ready === "True" && Date.parse(startedAt) >= rebooted - 1_000;
    });
    await controller.waitFor(
      "kubelet's answer",
      async () => (await cluster.tryKubectl("logs", "web")).code === 0,
    );
    await systemReady();
    await patchClusterConfig(controller, { network: { provider: "calico" } });
  },
  900_000,
);

scenario(
  "kubeletcertrotate: a kubelet's client certificate is renewed, and its node goes on after the end of the old one",
  async () => {
    const worker = cluster.worker("worker");
    const first = await certificateOn(worker, clientCertificate);
    const livesMs = Date.parse(first.validTo) - Date.parse(first.validFrom);
    expect(livesMs).toBeLessThanOrEqual((certificateMinutes + 5) * 60_000);
    const patient = { timeoutMs: 480_000, intervalMs: 1_000 };
    await worker.waitFor(
      "another certificate",
      async () => (await certificateOn(worker, clientCertificate)).serialNumber !== first.serialNumber,
      patient,
    );
    await worker.waitFor("the end of the first one", () => Date.now() > Date.parse(first.validTo), patient);
    const status = JSON.parse(await worker.k0s("status", "-o", "json")) as {
      readonly Healthy: boolean;
      readonly WorkerToAPIConnectionStatus: { readonly Success: boolean };
    };
    expect(status).toMatchObject({ Healthy: true, WorkerToAPIConnectionStatus: { Success: true } });
    await worker.k0s("status");
    await cluster.nodeReady("worker-host");
    await cluster.kubectl("run", "renewed", "--image=localhost/k0s/web:1", "--image-pull-policy=Never");
    await cluster.kubectl("wait", "--for=condition=Ready", "pod/renewed", "--timeout=240s");
    await cluster.kubectl("logs", "renewed");
  },
  900_000,
);
