// Scenario `basic`: one controller with etcd, two workers that joined by token, Calico, a data directory of their own; all of
// it with a proxy in the environment that nobody answers at.

import { describe, expect, test } from "bun:test";
import { clusterOfFile, type NodePlan } from "../harness/cluster.ts";
import { tokenFile } from "../harness/k0s-start.ts";
import { deployNetworkPods, networkChecks, podsOf } from "../harness/network-checks.ts";
import type { TestMachine } from "../harness/test-machine.ts";

const dataDir = "/var/lib/kubernetes/k0s";
const first: NodePlan = {
  name: "w0",
  args: ["--labels=zone=a,disk=fast", "--taints=spare=yes:PreferNoSchedule"],
};
const second: NodePlan = {
  name: "w1",
  args: ["--profile=small", "--kubelet-extra-args=  --v=2    --hostname-override=Second-Worker  "],
};
const secondNode = "second-worker";

/** Only a pull may ask there. */
const proxy = "http://127.0.0.1:9";
const env = { HTTPS_PROXY: proxy, HTTP_PROXY: proxy, NO_PROXY: "192.0.2.0/24", SECRET_OF_K0S: "s3cret" };

const cluster = clusterOfFile(
  {
    dataDir,
    env,
    spec: {
      workerProfiles: [{ name: "small", values: { maxPods: 42 } }],
    },
    workers: [first, second],
  },
  deployNetworkPods,
);

describe("network", () => {
  for (const [name, check] of Object.entries(networkChecks)) test(name, () => check(cluster), 300_000);
});

describe("a proxy in the environment", () => {
  const environmentOf = async (machine: TestMachine, name: string): Promise<Record<string, string>> => {
    const pid = (await machine.ok(["cat", `/run/k0s/${name}.pid`])).trim();
    const entries = (await machine.readFile(`/proc/${pid}/environ`)).split("\0");
    return Object.fromEntries(entries.map((entry) => entry.split(/=(.*)/s).slice(0, 2)));
  };

  test("and whatever else is there reach only whom they are meant for", async () => {
    const { controller } = cluster;
    for (const name of ["etcd", "kube-apiserver", "kube-scheduler", "kube-controller-manager"]) {
      const found = await environmentOf(controller, name);
      expect(Object.keys(found).filter((key) => /proxy|secret|token/i.test(key))).toEqual([]);
    }
    const worker = cluster.worker("w0");
    expect((await environmentOf(worker, "kubelet"))["HTTPS_PROXY"]).toBeUndefined();
    const containerd = await environmentOf(worker, "containerd");
    expect(containerd).toMatchObject({ HTTPS_PROXY: proxy, HTTP_PROXY: proxy });
    expect(containerd["SECRET_OF_K0S"]).toBeUndefined();
    const exceptions = containerd["NO_PROXY"]?.split(",");
    expect(exceptions).toContain("192.0.2.0/24");
    for (const own of ["localhost", ".svc", ".cluster.local", "10.244.0.0/16", "10.96.0.0/12"])
      expect(exceptions).toContain(own);
    for (const { address } of [controller, worker]) expect(exceptions).toContain(address);
  });

  test("is asked for images", async () => {
    await cluster.kubectl("run", "puller", "--image=registry.example/none:1");
    const only = "--field-selector=involvedObject.name=puller";
    const events = ["get", "events", only, "-o", "jsonpath={.items[*].message}"];
    await cluster.controller.waitFor("a failed pull", async () =>
      (await cluster.kubectl(...events)).includes("proxyconnect tcp: dial tcp 127.0.0.1:9"),
    );
    await cluster.kubectl("delete", "pod", "puller", "--now");
  });
});

describe("basic: nodes", () => {
  const field = (node: string, path: string): Promise<string> =>
    cluster.kubectl("get", "node", node, "-o", `jsonpath={${path}}`);

  test("have the labels and taints that they were started with", async () => {
    expect(await field("w0", ".metadata.labels.zone")).toBe("a");
    expect(await field("w0", ".spec.taints[?(@.key=='spare')].effect")).toBe("PreferNoSchedule");
  });

  test("have the address from which they reach the controller", async () => {
    const address = await field("w0", ".status.addresses[?(@.type=='InternalIP')].address");
    expect(address).toBe(cluster.worker("w0").address);
  });

  test("follow their worker profile", async () => {
    expect(await field(secondNode, ".status.capacity.pods")).toBe("42");
    expect(await field("w0", ".status.capacity.pods")).toBe("110");
  });

  test("hostnameoverride: the controller is none of them", async () => {
    const names = await cluster.kubectl("get", "nodes", "-o", "jsonpath={.items[*].metadata.name}");
    expect(names.split(" ").toSorted()).toEqual([secondNode, "w0"]);
  });

  test("every certificate request is approved", async () => {
    const path = "jsonpath={range .items[*]}{.status.conditions[*].type},{end}";
    // The newest one may have come just now.
    await cluster.controller.waitFor("the approvals", async () =>
      /^(Approved,)+$/.test(await cluster.kubectl("get", "csr", "-o", path)),
    );
  });
});

describe("kubectl across nodes", () => {
  test("logs, exec and cp", async () => {
    for (const { name, node } of await podsOf(cluster, "visitor")) {
      expect(await cluster.kubectl("logs", name)).toContain("visitor is up");
      expect(await cluster.kubectl("exec", name, "--", "hostname")).toContain("visitor-");
      await cluster.controller.writeFile("/tmp/sent", `for ${node}\n`);
      await cluster.kubectl("cp", "/tmp/sent", `default/${name}:/tmp/received`);
      expect(await cluster.kubectl("exec", name, "--", "cat", "/tmp/received")).toBe(`for ${node}\n`);
    }
  });

  test("port-forward", async () => {
    for (const [index, { name }] of (await podsOf(cluster, "web")).entries()) {
      const port = 18_080 + index;
      const forward = await cluster.controller.start("port-forward", [
        "k0s",
        "kubectl",
        "port-forward",
        `pod/${name}`,
        `${port}:8080`,
      ]);
      await cluster.controller.waitFor("the forwarded port", async () =>
        (await cluster.controller.ok(["curl", "-sS", `http://127.0.0.1:${port}/`])).includes(name),
      );
      await forward.kill("SIGTERM");
      await forward.exited;
    }
  });

  test("metrics: top", async () => {
    await cluster.controller.waitFor(
      "metrics of both nodes",
      async () => {
        const text = await cluster.kubectl("top", "nodes", "--no-headers");
        return ["w0", secondNode].every((name) => new RegExp(`^${name} +\\d+m`, "m").test(text));
      },
      { intervalMs: 2_000 },
    );
  });
});

describe("what the parts of the cluster tell of themselves", () => {
  test("kubelet's metrics of containers have their names", async () => {
    const labels = ["web", '[^"]+', '[^"]+', "default", 'web-[^"]+'];
    const [container, image, name, namespace, pod] = labels;
    const line = new RegExp(
      `^container_memory_working_set_bytes\\{container="${container}",id="[^"]+",image="${image}",name="${name}",namespace="${namespace}",pod="${pod}"\\} [1-9]`,
      "m",
    );
    for (const node of ["w0", secondNode])
      await cluster.controller.waitFor(`metrics of the containers of ${node}`, async () =>
        line.test(await cluster.kubectl("get", "--raw", `/api/v1/nodes/${node}/proxy/metrics/cadvisor`)),
      );
  });

  test("containerd has started every pod with the pause image of k0s, and keeps it", async () => {
    const images = (await cluster.controller.k0s("airgap", "list-images", "--all")).trim().split("\n");
    const pause = images.filter((image) => image.includes("/pause:"));
    const worker = cluster.worker("w0");
    const sandboxes = 'labels."io.cri-containerd.kind"==sandbox';
    const [, ...rows] = (await worker.k0s("ctr", "containers", "ls", sandboxes)).trim().split("\n");
    expect([...new Set(rows.map((row) => row.split(/\s+/)[1] ?? ""))]).toEqual(pause);
    expect(await worker.k0s("ctr", "images", "ls", `name==${pause[0]}`)).toContain(
      "io.cri-containerd.pinned=pinned",
    );
  });

  test("CoreDNS runs twice, on two nodes", async () => {
    const where = ["get", "pods", "-l", "k8s-app=kube-dns", "-o", "jsonpath={.items[*].spec.nodeName}"];
    await cluster.controller.waitFor("a replica on each node", async () => {
      const nodes = (await cluster.kubectl("-n", "kube-system", ...where)).split(" ");
      return nodes.toSorted().join() === `${secondNode},w0`;
    });
  });

  test("kube-scheduler and kube-controller-manager hold their leases", async () => {
    for (const name of ["kube-scheduler", "kube-controller-manager"]) {
      const holder = ["get", "lease", name, "-o", "jsonpath={.spec.holderIdentity}"];
      expect(await cluster.kubectl("-n", "kube-system", ...holder)).toStartWith("controller_");
    }
  });
});

describe("status of a worker", () => {
  test("names its role, its node and its parts", async () => {
    const worker = cluster.worker("w0");
    await worker.waitFor("good health", () => worker.k0s("status"));
    const status = JSON.parse(await worker.k0s("status", "-o", "json")) as {
      Role: string;
      Healthy: boolean;
      Workloads: boolean;
      ClusterConfig: unknown;
      Components: { name: string }[];
      WorkerToAPIConnectionStatus: { Success: boolean };
    };
    expect(status).toMatchObject({ Role: "worker", Healthy: true, Workloads: true, ClusterConfig: null });
    expect(status.WorkerToAPIConnectionStatus.Success).toBe(true);
    const names = status.Components.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(["join", "worker-settings", "containerd", "kubelet", "kube-proxy"]),
    );
  });
});

describe("restart of a worker", () => {
  test("needs no token, nor that its programs are those of this k0s, and its pods go on running", async () => {
    const [before] = (await podsOf(cluster, "web")).filter(({ node }) => node === "w0");
    const worker = cluster.worker("w0");
    await worker.k0s("stop", `--data-dir=${dataDir}`);
    await worker.ok(["rm", tokenFile]);
    // What an older k0s has left.
    const kubelet = `${dataDir}/bin/kubelet`;
    await worker.ok(["rm", kubelet]);
    await worker.writeFile(kubelet, "#!/bin/sh\nexit 1\n", 0o755);
    await worker.restartK0s();
    await worker.waitFor("the restarted worker", async () =>
      (await worker.k0sLog()).includes("The node is ready"),
    );
    await cluster.nodeReady("w0");
    expect(await worker.ok([kubelet, "--version"])).toMatch(/^Kubernetes v.*\+k0s/);
    const [after] = (await podsOf(cluster, "web")).filter(({ node }) => node === "w0");
    expect(after).toEqual(before as never);
  }, 400_000);
});

test("a changed worker profile reaches a running worker", async () => {
  const { controller } = cluster;
  const config = await controller.readFile("/etc/k0s/k0s.yaml");
  await controller.writeFile("/etc/k0s/k0s.yaml", config.replace("maxPods: 42", "maxPods: 43"));
  await controller.k0s("stop", `--data-dir=${dataDir}`);
  await cluster.startController();
  await controller.waitFor(
    "the new number of pods",
    async () =>
      (await cluster.kubectl("get", "node", secondNode, "-o", "jsonpath={.status.capacity.pods}")) === "43",
    { intervalMs: 1_000 },
  );
  await cluster.nodeReady(secondNode);
}, 600_000);
