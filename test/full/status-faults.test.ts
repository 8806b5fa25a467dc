// What `k0s status` says of a node that is not well: faults of every kind, each put in, seen and taken out again. Prints the table of
// docs/status.md. The clock of a machine cannot be set alone, so that its fault is a unit test.

import { afterAll, describe, expect, test } from "bun:test";
import { issueCa, issueLeaf } from "../../src/pki/issue.ts";
import { writeClusterConfig } from "../harness/cluster-config.ts";
import { newController, restart, stopController, type TestController } from "../harness/controllers.ts";
import {
  type FaultRow,
  faultTable,
  frozen,
  frozenK0s,
  killedForEver,
  type NodeFault,
  replacedFile,
  seeFault,
  statusOf,
  strangersNetwork,
  untilHealthy,
} from "../harness/node-faults.ts";
import { singleNodeCommand, startCluster } from "../harness/single-node.ts";
import { startNetwork, type TestMachine, type TestNetwork } from "../harness/test-machine.ts";
import { withLogs } from "../harness/with-machine.ts";
import type { MachineProcess } from "../../src/sandbox/machine.ts";

const rows: FaultRow[] = [];

/** Shown at once as well: a run that is cut short has seen what it has seen. */
function note(row: FaultRow): void {
  rows.push(row);
  console.log(faultTable([row]).split("\n").at(-1));
}
const networks: TestNetwork[] = [];

afterAll(async () => {
  console.log(faultTable(rows));
  for (const network of networks) await network.destroy();
}, 120_000);

/** The directory of kubelet and the one of the datastore are on small disks, to be filled. */
const kubeletDir = "/var/lib/kubelet-small";
const command = [...singleNodeCommand, `--kubelet-root-dir=${kubeletDir}`];

interface Node {
  readonly machine: TestMachine;
  k0s: MachineProcess;
}

let started: Promise<{ readonly network: TestNetwork; readonly node: Node }> | undefined;

/** The host's only name server is on its loopback: that it gets green at all shows that pods do not get it. */
function singleNode(): Promise<{ readonly network: TestNetwork; readonly node: Node }> {
  started ??= (async () => {
    const network = await startNetwork();
    networks.push(network);
    const machine = await network.machine({ name: "single", small: [{ target: kubeletDir, size: "300m" }] });
    await machine.writeFile("/etc/resolv.conf", "nameserver 127.0.0.1\n");
    const node = { machine, k0s: await startCluster(machine, { command }) };
    return { network, node };
  })();
  return started;
}

async function again(node: Node, name: string): Promise<void> {
  await node.machine.exec(["k0s", "stop"]);
  await node.k0s.exited;
  node.k0s = await startCluster(node.machine, { command, log: `k0s-${name}` });
}

/** One test for each fault of a running single node. */
function onSingleNode(group: string, faults: readonly NodeFault[]): void {
  describe(group, () => {
    test.each(faults.map((fault) => [fault.name, fault] as const))(
      "%s",
      async (_, fault) => {
        const { network, node } = await singleNode();
        await withLogs(network, async () => {
          note(await seeFault(node.machine, fault));
        });
      },
      900_000,
    );
  });
}

const notWell = (...names: readonly string[]): RegExp =>
  new RegExp(`^(${names.join("|")}) (is not well: |is backing off: )`);
const pods = "k0s kubectl -n kube-system";

/** Signals the program of a system pod; there is one of each. */
const program = (name: string, signal: string): string =>
  `for exe in /proc/[0-9]*/exe; do case $(readlink $exe) in */${name}) kill -${signal} $(echo $exe | cut -d/ -f3);; esac; done`;

/** Again and again: kubelet starts a program again that does not answer. */
function podFrozen(workload: string, name: string): NodeFault {
  return {
    name: `program of ${workload} frozen again and again`,
    says: new RegExp(`^system pod ${workload}-\\S+ (has not become ready|ends again and again): `),
    withinMs: 180_000,
    inject: async (machine) => {
      const loop = `while :; do ${program(name, "STOP")}; sleep 0.5; done`;
      const freezer = await machine.start("freezer", ["/bin/sh", "-c", loop]);
      return async () => {
        await freezer.kill("SIGKILL");
        await freezer.exited;
        await machine.sh(program(name, "CONT"));
      };
    },
  };
}

async function expiredCertificate(): Promise<string> {
  const ca = await issueCa({ cn: "gone", expiresMs: 3_600_000 });
  const { cert } = await issueLeaf({ ca, cn: "gone", o: [], expiresMs: -60_000 });
  return cert;
}

onSingleNode("processes that hang", [
  frozen("kube-scheduler", notWell("kube-scheduler")),
  frozen("kube-controller-manager", notWell("kube-controller-manager")),
  frozen("kube-proxy", notWell("kube-proxy")),
  frozen("kubelet", notWell("kubelet")),
  frozen("containerd", notWell("containerd")),
  frozen("kube-apiserver", notWell("kube-apiserver")),
  frozen("kine", notWell("kine", "kube-apiserver")),
  frozenK0s(),
]);

onSingleNode(
  "processes that end",
  [
    "kube-scheduler",
    "kube-controller-manager",
    "kube-proxy",
    "kubelet",
    "containerd",
    "kube-apiserver",
    "kine",
  ].map(killedForEver),
);

onSingleNode("the host", [
  {
    name: "disk full",
    says: /^the disk of \/var\/lib\/kubelet-small is full: \S+ (MiB|MB|kB|B) are free; free some space there$/,
    inject: async (machine) => {
      await machine.sh(`head -c 260M /dev/zero > ${kubeletDir}/filler`);
      return () => machine.ok(["rm", `${kubeletDir}/filler`]);
    },
  },
  {
    name: "disk read-only",
    says: /^cannot write to \/var\/lib\/kubelet-small: the file system is read-only; /,
    inject: async (machine) => {
      await machine.ok(["mount", "-o", "remount,ro", kubeletDir]);
      return () => machine.ok(["mount", "-o", "remount,rw", kubeletDir]);
    },
  },
  {
    name: "certificate over",
    says: /^the certificate \/var\/lib\/k0s\/pki\/front-proxy-client.crt ended on .*; a restart of k0s renews it$/,
    inject: async (machine) =>
      replacedFile("", "/var/lib/k0s/pki/front-proxy-client.crt", await expiredCertificate(), /^/).inject(
        machine,
      ),
  },
  replacedFile(
    "certificate damaged",
    "/var/lib/k0s/pki/front-proxy-client.crt",
    "half a cert",
    /^\/var\/lib\/k0s\/pki\/front-proxy-client.crt holds no certificate that can be read; /,
  ),
  strangersNetwork(),
  {
    name: "network configuration gone",
    says: /^node single is not Ready: .*cni/i,
    withinMs: 90_000,
    inject: async (machine) => {
      const path = "/etc/cni/net.d/10-calico.conflist";
      await machine.ok(["mv", path, "/root/"]);
      // containerd notices what is written there, not what is moved there.
      return () => machine.ok(["cp", "/root/10-calico.conflist", path]);
    },
  },
  {
    name: "port of kubelet taken",
    says: /^kubelet is backing off: exited with code 1 .*address already in use; find out who has its port: ss -ltnp$/,
    inject: async (machine) => {
      const loop = "while :; do busybox nc -l -p 10250; done";
      const holder = await machine.start("holder", ["/bin/sh", "-c", loop]);
      await machine.ok(["/bin/sh", "-c", "kill -9 $(cat /run/k0s/kubelet.pid)"]);
      return async () => {
        await holder.kill("SIGKILL");
        await holder.exited;
        await machine.sh(program("busybox", "KILL"));
      };
    },
  },
]);

onSingleNode("system pods", [
  {
    name: "CoreDNS crashes",
    says: /^system pod coredns-\S+ ends again and again: CrashLoopBackOff, \d+ restarts?: /,
    withinMs: 120_000,
    inject: async (machine) => {
      const killer = await machine.start("killer", [
        "/bin/sh",
        "-c",
        `while :; do ${program("coredns", "KILL")}; sleep 1; done`,
      ]);
      return async () => {
        await killer.kill("SIGKILL");
        await killer.exited;
        await machine.ok(["/bin/sh", "-c", `${pods} delete pod -l k8s-app=kube-dns --wait=false`]);
      };
    },
  },
  podFrozen("coredns", "coredns"),
  podFrozen("metrics-server", "metrics-server"),
  {
    name: "image missing",
    says: /^system pod metrics-server-\S+ has no image: (ErrImagePull|ImagePullBackOff)/,
    withinMs: 120_000,
    inject: async (machine) => {
      const ctr = "k0s ctr -n k8s.io images";
      await machine.ok([
        "/bin/sh",
        "-c",
        `${ctr} list -q | grep metrics-server > /root/names; ${ctr} tag $(head -1 /root/names) kept; xargs ${ctr} rm < /root/names; ${pods} delete pod -l k8s-app=metrics-server --wait=false`,
      ]);
      return () =>
        machine.sh(
          `for name in $(cat /root/names); do ${ctr} tag kept $name; done; ${pods} delete pod -l k8s-app=metrics-server --wait=false`,
        );
    },
  },
]);

/** Set in the configuration, so that k0s starts with it; `undefined` takes it away. */
interface ConfigFault {
  readonly name: string;
  readonly spec: Record<string, unknown>;
  readonly says: RegExp;
}

const badFlag = { extraArgs: { "no-such-flag": "1" } };
const configFaults: readonly ConfigFault[] = [
  {
    name: "kube-scheduler mis-flagged",
    spec: { scheduler: badFlag },
    says: /^kube-scheduler is backing off: exited with code 1 \(\d+ restarts?, .*\): unknown flag: --no-such-flag; look at spec.scheduler.extraArgs$/,
  },
  {
    name: "kube-controller-manager mis-flagged",
    spec: { controllerManager: badFlag },
    says: /^kube-controller-manager is backing off: .*: unknown flag: --no-such-flag; look at spec.controllerManager.extraArgs$/,
  },
  {
    name: "kube-apiserver mis-flagged",
    spec: { api: badFlag },
    says: /^kube-apiserver is backing off: .*: unknown flag: --no-such-flag; look at spec.api.extraArgs$/,
  },
  {
    name: "kube-proxy mis-flagged",
    spec: { network: { kubeProxy: badFlag } },
    says: /^kube-proxy is backing off: .*: unknown flag: --no-such-flag; look at spec.network.kubeProxy.extraArgs$/,
  },
  {
    name: "kine mis-flagged",
    spec: { storage: { type: "kine", kine: badFlag } },
    says: /^kine is backing off: exited with code \d+ /,
  },
  {
    name: "kubelet's configuration broken",
    spec: { workerProfiles: [{ name: "default", values: { cpuManagerPolicy: "nonsense" } }] },
    says: /^kubelet is backing off: exited with code 1 /,
  },
];

describe("configuration", () => {
  test.each(configFaults.map((fault) => [fault.name, fault] as const))(
    "%s",
    async (name, { spec, says }) => {
      const { network, node } = await singleNode();
      const { machine } = node;
      await withLogs(network, async () => {
        await untilHealthy(machine);
        const startBad: NodeFault = {
          name,
          says,
          inject: async () => {
            await machine.ok(["k0s", "stop"]);
            await node.k0s.exited;
            await writeClusterConfig(machine, spec);
            node.k0s = await machine.start(`k0s-${name.replaceAll(/\W/g, "-")}`, command);
            return async () => {
              await machine.exec(["k0s", "stop"]);
              await node.k0s.exited;
              await machine.ok(["rm", "/etc/k0s/k0s.yaml"]);
              node.k0s = await startCluster(machine, { command, log: "k0s-repaired" });
            };
          },
        };
        note(await seeFault(machine, startBad));
      });
    },
    900_000,
  );
});

describe("the end of it", () => {
  test("node deleted", async () => {
    const { network, node } = await singleNode();
    await withLogs(network, async () => {
      const deleted: NodeFault = {
        name: "node deleted",
        says: /^node single was deleted from the cluster; kubelet registers it when it starts: restart k0s$/,
        inject: async (machine) => {
          await machine.ok(["k0s", "kubectl", "delete", "node", "single", "--wait=false"]);
          return () => again(node, "registered");
        },
      };
      note(await seeFault(node.machine, deleted));
    });
  }, 900_000);

  test("k0s killed", async () => {
    const { network, node } = await singleNode();
    await withLogs(network, async () => {
      await node.k0s.kill("SIGKILL");
      await node.k0s.exited;
      const begun = performance.now();
      const { code, firstLine, ms } = await statusOf(node.machine);
      expect(firstLine).toBe("Error: no k0s answers on this host");
      expect(code).toBe(1);
      const seconds = (performance.now() - begun) / 1000;
      note({ fault: "k0s killed", firstLine, code, seconds, slowestAnswerMs: ms });
    });
  }, 300_000);
});

describe("a controller with etcd, konnectivity and a worker of its own", () => {
  let controller: TestController;
  let network: TestNetwork;
  const args = [
    "--enable-worker",
    "--no-taints",
    ...singleNodeCommand.filter((arg) => arg.startsWith("--kubelet")),
  ];
  const see = async (fault: NodeFault): Promise<void> => {
    await withLogs(network, async () => {
      note(await seeFault(controller.machine, fault));
    });
  };

  test("starts", async () => {
    network = await startNetwork();
    networks.push(network);
    controller = await newController(network, "c1", { args });
    await withLogs(network, () => untilHealthy(controller.machine));
  }, 600_000);

  const faults: readonly NodeFault[] = [
    frozen("etcd", notWell("etcd")),
    killedForEver("etcd"),
    frozen("konnectivity", notWell("konnectivity")),
    killedForEver("konnectivity"),
    {
      name: "etcd's files gone",
      says: /^etcd is backing off: |^etcd is not well: |^kube-apiserver is /,
      withinMs: 120_000,
      inject: async (machine) => {
        await machine.ok(["mv", "/var/lib/k0s/etcd", "/var/lib/k0s/etcd-saved"]);
        await machine.ok(["/bin/sh", "-c", "kill -9 $(cat /run/k0s/etcd.pid)"]);
        return async () => {
          await stopController(controller);
          await machine.sh("rm -rf /var/lib/k0s/etcd; mv /var/lib/k0s/etcd-saved /var/lib/k0s/etcd");
          await restart(controller, { args });
        };
      },
    },
  ];
  test.each(faults.map((fault) => [fault.name, fault] as const))("%s", (_, fault) => see(fault), 900_000);
});
