// What `k0s doctor` says of a single node that is not well, and of one that does not run. Prints the rows of the table in
// docs/doctor.md. A cluster of several hosts: doctor-faults-cluster.test.ts.

import { describe, expect, test } from "bun:test";
import { issueCa, issueLeaf } from "../../src/pki/issue.ts";
import {
  diagnosed,
  doctorOf,
  type DoctorFault,
  seeDiagnosis,
  untilDoctorFindsNothing,
} from "../harness/doctor.ts";
import {
  frozen,
  frozenK0s,
  imageMissing,
  killedForEver,
  missingFile,
  podCrashes,
  podFrozen,
  portTaken,
  replacedFile,
  shellFault,
  strangersNetwork,
} from "../harness/fault-kinds.ts";
import { lazyNode } from "../harness/faulty-node.ts";
import type { TestMachine } from "../harness/test-machine.ts";
import { withLogs } from "../harness/with-machine.ts";

/** On a small disk, to be filled. */
const kubeletDir = "/var/lib/kubelet-small";
const node = lazyNode({
  args: [`--kubelet-root-dir=${kubeletDir}`],
  small: [{ target: kubeletDir, size: "300m" }],
});
const pki = "/var/lib/k0s/pki";
const dayMs = 86_400_000;
const anything = /^/;

function seeDiagnoses(group: string, faults: readonly DoctorFault[]): void {
  describe(group, () => {
    test.each(faults.map((fault) => [fault.name, fault] as const))(
      "%s",
      async (_, fault) => {
        const { network, controller } = await node.get();
        await withLogs(network, () => seeDiagnosis(controller, fault));
      },
      900_000,
    );
  });
}

const stopped = (component: string): DoctorFault =>
  diagnosed(
    frozen(component),
    "processes",
    new RegExp(`^${component} \\(pid \\d+\\) is stopped by a signal$`),
  );

async function certificateOf(ca: "another" | "expired"): Promise<string> {
  const issuer = await issueCa({ cn: "kubernetes-front-proxy-ca", expiresMs: 3_600_000 });
  const expiresMs = ca === "expired" ? -60_000 : 3_600_000;
  return (await issueLeaf({ ca: issuer, cn: "front-proxy-client", o: [], expiresMs })).cert;
}

test("nothing is wrong with a node that is well", async () => {
  const { network, controller } = await node.get();
  await withLogs(network, async () => {
    const { report, seconds } = await untilDoctorFindsNothing(controller, 120_000);
    expect(report.findings).toEqual([]);
    expect(seconds).toBeLessThan(20);
    const { stdout } = await controller.exec(["k0s", "doctor"]);
    expect(stdout).toContain(
      "✔ host  ✔ processes  ✔ ports  ✔ certificates  ✔ datastore  ✔ API  – tunnel  ✔ node",
    );
    expect(stdout).toEndWith("Nothing is wrong.\n");
  });
}, 900_000);

seeDiagnoses("processes", [
  stopped("kube-scheduler"),
  stopped("kube-apiserver"),
  stopped("kine"),
  stopped("kubelet"),
  stopped("containerd"),
  diagnosed(killedForEver("kube-proxy"), "processes", /^kube-proxy is backing off: was ended by SIGKILL/),
  diagnosed(frozenK0s(), "processes", /^k0s \(pid \d+\) is stopped by a signal$/),
  diagnosed(
    missingFile({
      name: "program of kube-scheduler gone",
      path: "/var/lib/k0s/bin/kube-scheduler",
      program: "kube-scheduler",
      says: anything,
    }),
    "processes",
    /^kube-scheduler is backing off: could not be started/,
  ),
  diagnosed(
    shellFault({
      name: "drop-in file of containerd broken",
      put: "echo 'version = [' > /etc/k0s/containerd.d/broken.toml",
      undo: "rm /etc/k0s/containerd.d/broken.toml",
      program: "containerd",
      says: anything,
    }),
    "processes",
    /^containerd cannot start with its drop-in files: \/etc\/k0s\/containerd.d\/broken.toml: line 1: /,
  ),
]);

seeDiagnoses("host", [
  diagnosed(
    shellFault({
      name: "data directory closed to the users of components",
      put: "chmod 700 /var/lib/k0s",
      undo: "chmod 755 /var/lib/k0s",
      program: "kube-scheduler",
      says: anything,
    }),
    "host",
    /^\/var\/lib\/k0s is closed to the users of the control plane /,
  ),
  diagnosed(
    shellFault({
      name: "disk full",
      put: `head -c 260M /dev/zero > ${kubeletDir}/filler`,
      undo: `rm ${kubeletDir}/filler`,
      says: anything,
    }),
    "host",
    /^the disk of \/var\/lib\/kubelet-small is full: /,
  ),
  diagnosed(
    shellFault({
      name: "no more files on a disk",
      put: `mount -o remount,nr_inodes=900 ${kubeletDir}`,
      undo: `mount -o remount,nr_inodes=100000 ${kubeletDir}`,
      says: anything,
    }),
    "host",
    /^the file system of \/var\/lib\/kubelet-small is full: only \d+ more files/,
  ),
  diagnosed(
    shellFault({
      name: "disk read-only",
      put: `mount -o remount,ro ${kubeletDir}`,
      undo: `mount -o remount,rw ${kubeletDir}`,
      says: anything,
    }),
    "host",
    /^cannot write to \/var\/lib\/kubelet-small: the file system is read-only$/,
  ),
]);

seeDiagnoses("ports", [
  diagnosed(
    portTaken("kubelet", 10250),
    "ports",
    /^port 10250, which kubelet needs, is held by busybox \(pid \d+\)$/,
  ),
  diagnosed(
    portTaken("kube-apiserver", 6443),
    "ports",
    /^port 6443, which kube-apiserver needs, is held by busybox/,
  ),
]);

seeDiagnoses("certificates", [
  {
    name: "certificate over",
    link: "certificates",
    what: /^the certificate \/var\/lib\/k0s\/pki\/front-proxy-client.crt ended on /,
    inject: async (machine) =>
      replacedFile("", `${pki}/front-proxy-client.crt`, await certificateOf("expired"), anything).inject(
        machine,
      ),
  },
  {
    name: "certificate of another authority and key",
    link: "certificates",
    what: /front-proxy-client.crt is not the certificate of the key beside it$/,
    inject: async (machine) =>
      replacedFile("", `${pki}/front-proxy-client.crt`, await certificateOf("another"), anything).inject(
        machine,
      ),
  },
  {
    name: "certificate authority about to end",
    link: "certificates",
    what: /^the certificate authority \/var\/lib\/k0s\/pki\/front-proxy-ca.crt ends in \d+ days$/,
    inject: async (machine) => {
      const { cert } = await issueCa({ cn: "front-proxy-ca", expiresMs: 10 * dayMs });
      return replacedFile("", `${pki}/front-proxy-ca.crt`, cert, anything).inject(machine);
    },
  },
  diagnosed(
    replacedFile("certificate damaged", `${pki}/front-proxy-client.crt`, "half a cert", anything),
    "certificates",
    /front-proxy-client.crt holds no certificate that can be read$/,
  ),
  diagnosed(
    missingFile({
      name: "kubeconfig of kube-scheduler gone",
      path: `${pki}/scheduler.conf`,
      program: "kube-scheduler",
      says: anything,
    }),
    "certificates",
    /scheduler.conf is missing$/,
  ),
  diagnosed(
    missingFile({ name: "key of the cluster's authority gone", path: `${pki}/ca.key`, says: anything }),
    "certificates",
    /^the key of a certificate authority, \/var\/lib\/k0s\/pki\/ca.key, is missing: no worker can join/,
  ),
]);

seeDiagnoses("datastore", [
  diagnosed(
    shellFault({
      name: "database of kine damaged",
      put: "mkdir /root/db; kill -STOP $(cat /run/k0s/kine.pid); mv /var/lib/k0s/db/* /root/db/; head -c 100000 /dev/urandom > /var/lib/k0s/db/state.db; chown kube-apiserver /var/lib/k0s/db/state.db",
      undo: "rm -f /var/lib/k0s/db/*; mv /root/db/* /var/lib/k0s/db/; rmdir /root/db",
      says: anything,
    }),
    "datastore",
    /state.db is not a database of SQLite$/,
  ),
  diagnosed(
    shellFault({
      name: "database of kine closed to it",
      // What root has put there k0s gives to kine by itself.
      put: "chown nobody /var/lib/k0s/db/*; chmod 600 /var/lib/k0s/db/*",
      undo: "chown kube-apiserver /var/lib/k0s/db/*",
      program: "kine",
      says: anything,
    }),
    "datastore",
    /^the database \/var\/lib\/k0s\/db\/state.db is closed to kine$/,
  ),
]);

seeDiagnoses("network", [
  diagnosed(
    shellFault({
      name: "the kernel does not forward",
      put: "echo 0 > /proc/sys/net/ipv4/ip_forward",
      undo: "echo 1 > /proc/sys/net/ipv4/ip_forward",
      says: anything,
    }),
    "CNI",
    /net.ipv4.ip_forward is 0$/,
  ),
  diagnosed(strangersNetwork(), "CNI", /05-cilium.conflist \(cilium-cni\) is not of this cluster/),
  diagnosed(
    shellFault({
      name: "network configuration gone",
      put: "mv /etc/cni/net.d/10-calico.conflist /root/",
      undo: "cp /root/10-calico.conflist /etc/cni/net.d/",
      says: anything,
    }),
    "CNI",
    /^the network configuration is gone: \/etc\/cni\/net.d has none/,
  ),
  diagnosed(
    missingFile({ name: "CNI plug-in gone", path: "/opt/cni/bin/calico", says: anything }),
    "CNI",
    /^the CNI plug-in calico is missing$/,
  ),
  diagnosed(
    shellFault({
      name: "questions to the DNS Service dropped",
      put: "nft -f - <<'E'\ntable ip doctor { chain out { type filter hook output priority -400; ip daddr 10.96.0.10 udp dport 53 drop; }; }\nE",
      undo: "nft delete table ip doctor",
      says: anything,
    }),
    "DNS",
    /^the address of the DNS Service, 10.96.0.10, does not lead to CoreDNS from this node/,
  ),
]);

seeDiagnoses("system pods", [
  diagnosed(imageMissing("coredns", "k8s-app=kube-dns"), "DNS", /^system pod coredns-\S+ has no image: /),
  diagnosed(
    podCrashes("coredns", "k8s-app=kube-dns"),
    "DNS",
    /^system pod coredns-\S+ ends again and again: /,
  ),
  diagnosed(podFrozen("coredns"), "DNS", /^CoreDNS does not answer/),
  diagnosed(
    imageMissing("metrics-server", "k8s-app=metrics-server"),
    "system pods",
    /^system pod metrics-server-\S+ has no image: /,
  ),
]);

describe("a node that does not run", () => {
  const started = async (machine: TestMachine): Promise<void> => {
    await machine.restartK0s();
    await machine.clusterReady();
  };
  const dead = (
    fault: Pick<DoctorFault, "name" | "link" | "what"> & { put?: string; undo?: string },
  ): DoctorFault => ({
    ...fault,
    amongOthers: true,
    inject: async (machine) => {
      if (fault.put !== undefined) await machine.ok(["/bin/sh", "-ec", fault.put]);
      return () => machine.ok(["/bin/sh", "-ec", fault.undo ?? "true"]);
    },
  });
  const faults: readonly DoctorFault[] = [
    {
      name: "k0s killed",
      link: "processes",
      what: /^k0s does not run$/,
      amongOthers: true,
      inject: async (machine) => {
        await machine.k0sProcess.kill("SIGKILL");
        await machine.k0sProcess.exited;
        return async () => undefined;
      },
    },
    dead({
      name: "k0s does not run, its configuration is wrong",
      link: "processes",
      what: /^k0s cannot start with its configuration: .*k0s.yaml:\d+:\d+ +spec.network.podCIDR: /,
      put: "mkdir -p /etc/k0s; printf 'spec:\\n  network:\\n    podCIDR: nonsense\\n' > /etc/k0s/k0s.yaml",
      undo: "rm /etc/k0s/k0s.yaml",
    }),
    dead({
      name: "k0s does not run, its disk is read-only",
      link: "host",
      what: /^cannot write to \/var\/lib\/kubelet-small: the file system is read-only$/,
      put: `mount -o remount,ro ${kubeletDir}`,
      undo: `mount -o remount,rw ${kubeletDir}`,
    }),
    dead({
      name: "k0s does not run, its database is gone",
      link: "datastore",
      what: /^the database \/var\/lib\/k0s\/db\/state.db is gone$/,
      put: "mv /var/lib/k0s/db /var/lib/k0s/db-away",
      undo: "mv /var/lib/k0s/db-away /var/lib/k0s/db",
    }),
    {
      ...dead({
        name: "k0s does not run, another has its port",
        link: "ports",
        what: /^port 6443, which kube-apiserver needs, is held by busybox \(pid \d+\)$/,
      }),
      inject: async (machine) => {
        await machine.sh("for pid in /run/k0s/*.pid; do kill -9 $(cat $pid); done; sleep 1");
        await machine.ok(["mkdir", "-p", "/var/empty"]);
        const holder = await machine.start("holder", [
          "busybox",
          "httpd",
          "-f",
          "-p",
          "6443",
          "-h",
          "/var/empty",
        ]);
        await machine.waitFor("the holder of the port", async () =>
          (await machine.ok(["cat", "/proc/net/tcp", "/proc/net/tcp6"])).includes(":192B "),
        );
        return async () => {
          await holder.kill("SIGKILL");
          await holder.exited;
        };
      },
    },
  ];
  test.each(faults.map((fault) => [fault.name, fault] as const))(
    "%s",
    async (_, fault) => {
      const { network, controller } = await node.get();
      await withLogs(network, () => seeDiagnosis(controller, fault));
    },
    900_000,
  );

  test("once it is repaired and started, nothing is wrong", async () => {
    const { network, controller } = await node.get();
    await withLogs(network, async () => {
      await started(controller);
      await untilDoctorFindsNothing(controller);
    });
  }, 900_000);
});

test("no secret is shown, whatever is asked", async () => {
  const { controller } = await node.get();
  const { report } = await doctorOf(controller);
  const text = JSON.stringify(report);
  for (const pattern of [/PRIVATE KEY/, /\beyJ[\w-]{10,}\./, /\bH4sI/]) expect(text).not.toMatch(pattern);
});
