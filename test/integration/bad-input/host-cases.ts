// Hosts on which a node cannot start: ports, disks, names, users, certificates.

import { mkdir } from "node:fs/promises";
import { clusterPkiSpec } from "../../../src/pki/cluster-spec.ts";
import { ensurePki } from "../../../src/pki/ensure.ts";
import type { TestMachine } from "../../harness/test-machine.ts";
import { memoryLog } from "../kube/memory-log.ts";
import type { BadCase } from "./bad-case.ts";

export const hostCases: readonly BadCase[] = [
  portCase("6443", "kube-apiserver", "spec.api.port"),
  portCase("10250", "kubelet", "Stop that process"),
  {
    name: "data directory on a read-only file system",
    args: ["--data-dir", "/read-only/k0s"],
    says: ["Cannot write to /read-only/k0s: the file system is read-only", "--data-dir"],
  },
  {
    name: "data directory on a file system without enough space",
    args: ["--data-dir", "/small/k0s"],
    says: [
      /Not enough space for \/small\/k0s: .* are needed and .* are free, so [\d.]+ \wi?B are missing/,
      "--data-dir",
    ],
  },
  {
    name: "data directory on a full file system",
    args: ["--data-dir", "/small/k0s"],
    prepare: async (machine) => {
      await machine.sh("dd if=/dev/zero of=/small/filler bs=64k");
      return () => machine.ok(["rm", "/small/filler"]);
    },
    says: ["Not enough space for /small/k0s", "no space is left on the device", "--data-dir"],
  },
  {
    name: "data directory below a file",
    args: ["--data-dir", "/etc/hostname/k0s"],
    says: ["Cannot write to /etc/hostname/k0s: a part of the path is not a directory", "--data-dir"],
  },
  {
    name: "host name that is no DNS name",
    prepare: async (machine) => {
      const name = (await machine.ok(["hostname"])).trim();
      // The program `hostname` would refuse it; the kernel does not.
      const rename = (to: string) => machine.ok(["sh", "-c", `echo ${to} >/proc/sys/kernel/hostname`]);
      await rename("my_host");
      return () => rename(name);
    },
    says: ['the host name "my_host" cannot be a node\'s name', "--hostname-override"],
  },
  {
    name: "name of the node that is no DNS name",
    args: ["--kubelet-extra-args=--hostname-override=a..b"],
    says: ['"a..b" cannot be a node\'s name', "--hostname-override"],
  },
  {
    name: "name of the node that does not fit into its label",
    args: [`--kubelet-extra-args=--hostname-override=${"a".repeat(64)}`],
    says: ["cannot be a node's name: it is longer than 63 characters", "--hostname-override"],
  },
  {
    name: "localhost that leads elsewhere",
    prepare: async (machine) => {
      const hosts = await machine.readFile("/etc/hosts");
      await machine.ok(["sh", "-c", "echo 192.0.2.1 localhost >/etc/hosts"]);
      return () => machine.writeFile("/etc/hosts", hosts);
    },
    says: [
      "pre-flight checks failed",
      "Name resolution: localhost",
      "[192.0.2.1]",
      "no interface of this host has it",
    ],
  },
  {
    name: "data directory on a file system mounted noexec",
    args: ["--data-dir", "/small/k0s"],
    prepare: async (machine) => {
      await machine.ok(["mount", "-o", "remount,noexec", "/small"]);
      return () => machine.ok(["mount", "-o", "remount,exec", "/small"]);
    },
    says: ["Programs in /small/k0s cannot be run: /small is mounted noexec", "remount,exec", "--data-dir"],
  },
  joinStateCase("", "cannot be understood"),
  joinStateCase('{"phase":"joined"}', "cannot be understood"),
  factsCase(
    "another network of services",
    "spec.network.serviceCIDR was 10.112.0.0/12, now it is 10.96.0.0/12",
    {
      serviceCIDR: "10.112.0.0/12",
    },
  ),
  factsCase("another datastore, as without --single", "spec.storage was kine sqlite, now it is etcd", {
    storage: "kine sqlite",
  }),
  withoutAddress("node", ["k0s", "controller", "--single"]),
  withoutAddress("controller alone", ["k0s", "controller"]),
  {
    name: "not root",
    argv: ["setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", "k0s", "controller", "--single"],
    says: ["k0s controller must run as root", "sudo"],
  },
  {
    name: "clock before the start of the certificates",
    prepare: (machine) => withPki(machine, new Date(Date.now() + 86_400_000)),
    says: [
      "The clock of this host says",
      "which is before the start of the certificate /var/lib/k0s/pki/ca.crt",
      "Set the clock right",
    ],
  },
  {
    name: "authority that has ended",
    prepare: (machine) => withPki(machine, new Date(Date.now() - 11 * 365 * 86_400_000)),
    says: ["The authority /var/lib/k0s/pki/ca.crt ended on", "Check the clock"],
  },
  keyCase("garbage", "ca.key", "echo garbage >ca.key", "holds no PEM key", "from a backup"),
  keyCase("a directory", "sa.key", "rm sa.key; mkdir sa.key", "cannot be read", "regular file"),
  keyCase(
    "the one of another certificate",
    "ca.key",
    "cp front-proxy-ca.key ca.key",
    "does not belong to",
    "the same authority",
  ),
  keyCase(
    "missing",
    "server.key",
    "rm server.key ca.key",
    "cannot be issued: the key of its authority",
    "Put",
  ),
];

export const workerCases: readonly BadCase[] = [
  worker("without a token", [], "no join token was given", "k0s token create --role worker"),
  worker("with a token that is none", ["rubbish"], "the join token cannot be read", "k0s token create"),
  worker(
    "with a token file that is not there",
    ["--token-file", "/nope"],
    "/nope: there is no such file",
    "k0s token create",
  ),
  worker(
    "on a read-only file system",
    ["--data-dir", "/read-only/k0s", "rubbish"],
    "Cannot write to /read-only/k0s: the file system is read-only",
    "--data-dir",
  ),
  {
    name: "controller that is to join with a token that is none",
    argv: ["k0s", "controller", "rubbish"],
    says: ["the join token cannot be read", "k0s token create"],
  },
  {
    name: "worker that is not root",
    argv: ["setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", "k0s", "worker", "rubbish"],
    says: ["k0s worker must run as root", "sudo"],
  },
];

function worker(what: string, args: readonly string[], ...says: BadCase["says"]): BadCase {
  return { name: `worker ${what}`, argv: ["k0s", "worker", ...args], says };
}

function portCase(port: string, process: string, remedy: string): BadCase {
  return {
    name: `port ${port} in use`,
    prepare: async (machine) => {
      const program = `use Socket; socket(S,PF_INET,SOCK_STREAM,0); setsockopt(S,SOL_SOCKET,SO_REUSEADDR,1);
        bind(S,sockaddr_in(${port},INADDR_ANY)) or die; listen(S,1); sleep`;
      const listener = await machine.start("listener", ["perl", "-e", program]);
      await machine.waitFor("the listener", async () =>
        (await machine.ok(["ss", "-tln"])).includes(`:${port} `),
      );
      return async () => {
        await listener.kill("SIGKILL");
        await listener.exited;
      };
    },
    says: [`Port ${port}, which ${process} needs, is in use by perl (pid `, remedy],
  };
}

function withoutAddress(role: string, argv: readonly string[]): BadCase {
  return {
    name: `host without an address: ${role}`,
    prepare: async (machine) => {
      await machine.ok(["ip", "address", "flush", "dev", "eth0"]);
      return () => machine.ok(["ip", "address", "add", `${machine.address}/24`, "dev", "eth0"]);
    },
    argv,
    says: ["127.0.0.1 is no address at which pods can reach the API", "spec.api.address"],
  };
}

function keyCase(what: string, file: string, damage: string, ...says: BadCase["says"]): BadCase {
  return {
    name: `key file that is ${what}`,
    prepare: async (machine) => {
      const undo = await withPki(machine, new Date());
      await machine.ok(["sh", "-c", `cd /var/lib/k0s/pki && ${damage}`]);
      return undo;
    },
    says: [`/var/lib/k0s/pki/${file.split(".")[0]}`, ...says],
  };
}

/** A host that belongs to a cluster which was made otherwise. */
function factsCase(what: string, says: string, made: Readonly<Record<string, string>>): BadCase {
  const facts = {
    podCIDR: "10.244.0.0/16",
    serviceCIDR: "10.96.0.0/12",
    clusterDomain: "cluster.local",
    networkProvider: "calico",
    storage: "etcd",
    ...made,
  };
  return {
    name: `configuration of another cluster: ${what}`,
    argv: ["k0s", "controller"],
    prepare: async (machine) => {
      await machine.writeFile("/var/lib/k0s/cluster-facts.json", JSON.stringify(facts));
      return () => machine.ok(["rm", "/var/lib/k0s/cluster-facts.json"]);
    },
    says: ["the configuration is that of another cluster: ", says, "k0s reset", "cluster-facts.json"],
  };
}

function joinStateCase(text: string, why: string): BadCase {
  return {
    name: `note of a join that says ${JSON.stringify(text)}`,
    argv: ["k0s", "controller"],
    prepare: async (machine) => {
      await machine.writeFile("/var/lib/k0s/join-state.json", text);
      return () => machine.ok(["rm", "/var/lib/k0s/join-state.json"]);
    },
    says: ["/var/lib/k0s/join-state.json", why, "k0s reset"],
  };
}

/** The certificates of a controller, as one that started at `at` would have made them. */
async function withPki(machine: TestMachine, at: Date): Promise<() => Promise<unknown>> {
  const year = 365 * 86_400_000;
  const pkiDir = machine.hostPath("/var/lib/k0s/pki");
  await mkdir(pkiDir, { recursive: true });
  const spec = clusterPkiSpec({
    pkiDir,
    sans: ["localhost"],
    server: "https://localhost:6443",
    users: new Map(),
    caExpiresMs: 10 * year,
    leafExpiresMs: year,
    konnectivity: false,
    joinApi: false,
  });
  await ensurePki(spec, memoryLog(), at);
  return () => machine.ok(["rm", "-r", "/var/lib/k0s/pki"]);
}
