// A control plane of three behind a name, then with load balancing on the node, while a worker runs pods: the endpoints of the API,
// the worker's way to it, its tunnels and the administrator's kubeconfig follow the controllers that come and go.

import { afterAll, beforeAll, expect } from "bun:test";
import { dumpYaml } from "../../src/std/yaml.ts";
import {
  kubectl,
  newController,
  restart,
  stopController,
  type TestController,
  tokenFor,
} from "../harness/controllers.ts";
import type { ClusterSpec } from "../harness/cluster-config.ts";
import { importDemoImages } from "../harness/demo-images.ts";
import { scenariosOn } from "../harness/scenario.ts";
import { startNetwork, type TestMachine, type TestNetwork } from "../harness/test-machine.ts";
import { tunnelsSeen } from "../harness/tunnels.ts";
import { withLogs } from "../harness/with-machine.ts";

const apiName = "api.example.test";
const workerProfiles = [
  { name: "default", values: { evictionHard: { "nodefs.available": "1%", "imagefs.available": "1%" } } },
];
const behindName = { api: { externalAddress: apiName }, workerProfiles };
// The worker joined by the name: without it in the certificates it would not learn that there is another way.
const balanced = {
  api: { sans: [apiName] },
  network: { nodeLocalLoadBalancing: { enabled: true } },
  workerProfiles,
};
const pod = dumpYaml({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web" },
  spec: { containers: [{ name: "web", image: "localhost/k0s/web:1", imagePullPolicy: "Never" }] },
});
const patient = { timeoutMs: 300_000, intervalMs: 1_000 };

let network: TestNetwork;
const scenario = scenariosOn(() => network);
let worker: TestMachine;
let podBefore: string;
const controllers: TestController[] = [];
const at = (index: number): TestController => {
  const found = controllers[index];
  if (found === undefined) throw new Error(`there is no controller ${index}`);
  return found;
};
const addresses = (...of: readonly TestController[]): string =>
  of
    .map(({ machine }) => machine.address)
    .sort()
    .join();

/** What stands for a DNS server. */
async function nameMeans(machine: TestMachine, address: string): Promise<void> {
  await machine.ok(["sh", "-c", `printf '127.0.0.1 localhost\\n${address} ${apiName}\\n' > /etc/hosts`]);
}

async function addController(name: string, spec: ClusterSpec, token?: string): Promise<TestController> {
  const prepare = (machine: TestMachine): Promise<void> =>
    nameMeans(machine, controllers[0]?.machine.address ?? machine.address);
  const controller = await newController(network, name, { spec, token, prepare });
  controllers.push(controller);
  return controller;
}

beforeAll(async () => {
  network = await startNetwork();
  await withLogs(network, async () => {
    const first = await addController("c1", behindName);
    const token = await tokenFor(first, "controller");
    await addController("c2", behindName, token);
    await addController("c3", behindName, token);
    worker = await network.machine({ name: "w1" });
    await nameMeans(worker, first.machine.address);
    await worker.ok(["mkdir", "-p", "/var/lib/k0s/images"]);
    await importDemoImages(worker);
    await worker.writeFile("/root/token", await tokenFor(first, "worker"), 0o600);
    await worker.start("k0s", ["k0s", "worker", "--token-file=/root/token"]);
    await first.machine.ok(["k0s", "kubectl", "apply", "-f", "-"], { input: pod, timeoutMs: 60_000 });
    await worker.waitFor("a pod", async () => (await podReady()) === "True", patient);
    podBefore = await podState();
  });
}, 900_000);

afterAll(async () => {
  await network.destroy();
}, 60_000);

const podReady = (): Promise<string> =>
  kubectl(at(0), "get", "pod", "web", "-o", "jsonpath={.status.conditions[?(@.type=='Ready')].status}");

const podState = (): Promise<string> =>
  kubectl(
    at(0),
    "get",
    "pod",
    "web",
    "-o",
    "jsonpath={.status.containerStatuses[0].containerID} {.status.containerStatuses[0].restartCount}",
  );

/** Waits until the endpoints of the Service `kubernetes` are exactly these. */
async function endpointsAre(by: TestController, expected: string): Promise<void> {
  const path = "jsonpath={range .subsets[*].addresses[*]}{.ip}:{end}{.subsets[0].ports[0].port}";
  await by.machine.waitFor(
    `endpoints ${expected}`,
    async () => {
      const found = (await kubectl(by, "get", "endpoints", "kubernetes", "-o", path)).split(":");
      return `${found.slice(0, -1).sort().join()}:${found.at(-1)}` === `${expected}:6443`;
    },
    patient,
  );
}

async function workerEndpoints(): Promise<string> {
  const { Details } = JSON.parse(await worker.ok(["k0s", "status", "-o", "json"])) as {
    Details: Record<string, string>;
  };
  return Details["API servers"] ?? "";
}

/** The worker says of each of them that it is well, and names no other. */
async function workerUses(...expected: readonly TestController[]): Promise<void> {
  await worker.waitFor(
    "the worker to follow",
    async () => {
      const text = await workerEndpoints();
      const well = [...text.matchAll(/([\d.]+):6443 well/g)].map(([, address = ""]) => address);
      return well.sort().join() === addresses(...expected) && !text.includes("down");
    },
    patient,
  );
}

/** The contexts of the file on the disk. */
async function adminContexts({ machine }: TestController): Promise<string> {
  const args = [
    "k0s",
    "kubectl",
    "--kubeconfig=/var/lib/k0s/pki/admin.conf",
    "config",
    "get-contexts",
    "-o",
    "name",
  ];
  return (await machine.ok(args)).trim().split("\n").sort().join(" ");
}

async function adminNames(...expected: readonly TestController[]): Promise<void> {
  const wanted = ["Default", ...expected.map(({ machine }) => `controller-${machine.name}`)].sort().join(" ");
  for (const controller of expected) {
    await controller.machine.waitFor(
      `admin.conf with ${wanted}`,
      async () => (await adminContexts(controller)) === wanted,
      patient,
    );
    expect((await controller.machine.ok(["stat", "-c", "%a %U", "/var/lib/k0s/pki/admin.conf"])).trim()).toBe(
      "600 root",
    );
  }
}

async function logsThrough(controller: TestController): Promise<void> {
  await kubectl(controller, "logs", "web");
  expect(await kubectl(controller, "get", "--raw", "/api/v1/nodes/w1/proxy/healthz")).toBe("ok");
}

scenario(
  "externalAddress: the endpoints are what the name means, whoever changes them",
  async () => {
    await endpointsAre(at(0), addresses(at(0)));
    const patch = `{"subsets":[{"addresses":[{"ip":"192.0.2.1"}],"ports":[{"name":"https","port":7777,"protocol":"TCP"}]}]}`;
    await kubectl(at(0), "patch", "endpoints", "kubernetes", "--type=merge", "-p", patch);
    await endpointsAre(at(1), addresses(at(0)));
    for (const { machine } of controllers) await nameMeans(machine, at(1).machine.address);
    await endpointsAre(at(0), addresses(at(1)));
  },
  600_000,
);

scenario(
  "load balancing is switched on: the worker moves, the pod stays, the endpoints are all controllers",
  async () => {
    for (const controller of controllers) {
      await stopController(controller);
      await restart(controller, { spec: balanced });
    }
    await workerUses(...controllers);
    expect(await worker.readFile("/run/k0s/nllb/kubeconfig.yaml")).toContain(
      "server: https://127.0.0.1:7443",
    );
    await endpointsAre(at(0), addresses(...controllers));
    for (const controller of controllers) await tunnelsSeen(controller, "w1", ["c1", "c2", "c3"]);
    for (const controller of controllers) await logsThrough(controller);
    expect(await podState()).toBe(podBefore);
  },
  900_000,
);

scenario(
  "admin.conf names every controller, and is a way to the others while the API here hangs",
  async () => {
    await adminNames(...controllers);
    const { machine } = at(0);
    const pid = (await machine.readFile("/run/k0s/kube-apiserver.pid")).trim();
    await machine.ok(["kill", "-STOP", pid]);
    try {
      expect(await machine.ok(["k0s", "kubectl", "--context=controller-c2", "get", "--raw", "/readyz"])).toBe(
        "ok",
      );
      const { stdout, stderr } = await machine.exec(["k0s", "kubeconfig", "admin"]);
      expect(stderr).toContain("known last");
      for (const { machine: other } of controllers) expect(stdout).toContain(`https://${other.address}:6443`);
    } finally {
      await machine.ok(["kill", "-CONT", pid]);
    }
  },
  600_000,
);

scenario(
  "a controller dies for good: endpoints, worker, tunnels and admin.conf lose it, the pod stays",
  async () => {
    const lost = controllers.pop();
    await lost?.machine.destroy();
    await endpointsAre(at(0), addresses(at(0), at(1)));
    for (const controller of controllers) {
      await tunnelsSeen(controller, "w1", ["c1", "c2"]);
      await logsThrough(controller);
    }
    await workerUses(at(0), at(1));
    await adminNames(at(0), at(1));
    expect(await podState()).toBe(podBefore);
    await at(0).machine.ok(["k0s", "etcd", "leave", "--peer-address", lost?.machine.address ?? ""], {
      timeoutMs: 60_000,
    });
  },
  900_000,
);

scenario(
  "another one takes its place: they gain it",
  async () => {
    await addController("c4", balanced, await tokenFor(at(0), "controller"));
    await endpointsAre(at(0), addresses(...controllers));
    await workerUses(...controllers);
    for (const controller of controllers) await tunnelsSeen(controller, "w1", ["c1", "c2", "c4"]);
    await logsThrough(at(2));
    await adminNames(...controllers);
    expect(await podState()).toBe(podBefore);
  },
  900_000,
);
