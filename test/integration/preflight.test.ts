// Hosts prepared wrongly: `k0s sysinfo` finds it, what it says is done, and it finds nothing more. Commands are run as they stand in
// the remedy; what it leaves to a person is done by `byHand`. A table of all is printed.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { startNetwork, type TestMachine, type TestNetwork } from "../harness/test-machine.ts";

interface Report {
  readonly path: readonly string[];
  readonly displayName: string;
  readonly prop: string;
  readonly message: string;
  readonly category: string;
  readonly remedy: string;
}

interface Fault {
  readonly prepared: string;
  readonly script: string;
  /** What must be found, by the last part of its path: and how it begins. */
  readonly id: string;
  readonly finds: string;
  readonly category?: "rejected";
  /** What a person puts in for words in capitals, or does instead of a remedy without a command. */
  readonly byHand?: (commands: readonly string[]) => readonly string[];
}

const listener = `use Socket; socket(S,PF_INET,SOCK_STREAM,0); bind(S,sockaddr_in(6443,INADDR_ANY)) or die; listen(S,1); sleep`;
const cni = "/etc/cni/net.d/05-cilium.conflist";
const tmpfs = "mkdir -p /var/lib/k0s && mount -t tmpfs";

/** Those of one list are made together, found together and repaired together, in several rounds where one hides another. */
const hosts: Readonly<Record<string, readonly Fault[]>> = {
  network: [
    {
      prepared: "something listens on 6443",
      script: `perl -e '${listener}' & until ss -tln | grep -q :6443; do sleep 0.05; done`,
      id: "port:6443",
      finds: "in use by perl, pid",
      category: "rejected",
    },
    {
      prepared: "nftables: forward, policy drop",
      script: `nft 'table inet filter { chain forward { type filter hook forward priority 0; policy drop; }; }'`,
      id: "firewall:inet/filter/forward",
      finds: "policy drop drops what pods send each other",
    },
    {
      prepared: "nftables: input, last rule drops",
      script: `nft 'table inet guard { chain input { type filter hook input priority 0; iif lo accept; tcp dport 22 accept; counter drop; }; }'`,
      id: "firewall:inet/guard/input",
      finds: "drops what is left drops what pods send to this host",
    },
    {
      prepared: "iptables: INPUT, policy drop",
      script: "iptables -A INPUT -i lo -j ACCEPT && iptables -P INPUT DROP",
      id: "firewall:INPUT",
      finds: "policy drop drops what pods send to this host",
    },
    {
      prepared: "a bridge in the network of services",
      script: "ip link add br9 type bridge && ip address add 10.97.0.1/16 dev br9 && ip link set br9 up",
      id: "network:overlap",
      finds: "br9 10.97.0.1/16 overlaps 10.96.0.0/12, the network of services",
      byHand: (commands) => commands.filter((command) => command.startsWith("ip ")),
    },
    {
      prepared: "two families in k0s.yaml, IPv6 off",
      script: `sysctl -qw net.ipv6.conf.all.disable_ipv6=1 && mkdir -p /etc/k0s &&
        printf 'spec: {network: {dualStack: {enabled: true, IPv6podCIDR: "fd00:1::/108", IPv6serviceCIDR: "fd00:2::/108"}}}' >/etc/k0s/k0s.yaml`,
      id: "ipv6",
      finds: "off, and k0s.yaml asks for both families",
      byHand: (commands) =>
        commands.map((command) => command.replace("ADDRESS", "fd00:9::1").replace("INTERFACE", "eth0")),
    },
    {
      prepared: "name server on loopback",
      script: "cp /etc/resolv.conf /root && echo nameserver 127.0.0.1 >/etc/resolv.conf",
      id: "dns:resolver",
      finds: "127.0.0.1 names servers on loopback alone",
      byHand: (commands) => commands.map((command) => command.replace("ADDRESS", "10.200.0.1")),
    },
    {
      // A script has its own name in the kernel's list, as systemd-networkd has.
      prepared: "systemd-networkd configures each Ethernet link",
      script: `mkdir -p /etc/systemd/network && printf '[Match]\\nType=ether\\n' >/etc/systemd/network/wired.network &&
        printf '#!/bin/sh\\nsleep 600\\n' >/usr/bin/systemd-networkd && chmod +x /usr/bin/systemd-networkd &&
        { systemd-networkd </dev/null >/root/networkd.log 2>&1 & }`,
      id: "networkd",
      finds: "/etc/systemd/network/wired.network systemd-networkd takes the links of pods for the host's own",
      byHand: (commands) => commands.map((command) => command.replace(" && networkctl reload", "")),
    },
    {
      prepared: "a bridge that flannel left",
      script: "ip link add cni0 type bridge",
      id: "leftovers:links",
      finds: "cni0 made by another cluster",
    },
    {
      prepared: "rules that kube-proxy left",
      script: "iptables -t nat -N KUBE-SERVICES && iptables -t nat -A PREROUTING -j KUBE-SERVICES",
      id: "leftovers:rules",
      finds: "iptables 1 rules of another cluster",
      byHand: (commands) => commands.filter((command) => command.startsWith("iptables")),
    },
  ],
  files: [
    {
      prepared: "localhost leads elsewhere",
      script: "echo 192.0.2.1 localhost >/etc/hosts",
      id: "nameResolution:localhost",
      finds: "[192.0.2.1] no interface of this host has it",
      category: "rejected",
    },
    {
      prepared: "underscore in the host's name",
      script: "echo my_host >/proc/sys/kernel/hostname",
      id: "hostname",
      finds: "my_host cannot be the name of a node",
      category: "rejected",
      byHand: (commands) => commands.filter((command) => command.startsWith("echo")),
    },
    {
      prepared: "the host's name does not resolve",
      script: "true",
      id: "nameResolution:hostname",
      finds: "my_host does not resolve",
    },
    {
      prepared: "data directory mounted noexec, with few inodes",
      script: `${tmpfs} -o noexec,size=4g,nr_inodes=30 tmpfs /var/lib/k0s && for i in $(seq 29); do : >/var/lib/k0s/$i; done`,
      id: "mount:/var/lib/k0s",
      finds: "/var/lib/k0s mounted noexec",
      category: "rejected",
    },
    {
      prepared: "all inodes used",
      script: "true",
      id: "inodes:/var/lib/k0s",
      finds: "0% 5% recommended",
      byHand: (commands) => [...commands, "rm /var/lib/k0s/*"],
    },
    {
      prepared: "network configuration of Cilium",
      script: `mkdir -p /etc/cni/net.d && echo '{"name":"c","plugins":[{"type":"cilium-cni"}]}' >${cni}`,
      id: "cni:config",
      finds: `${cni} (cilium-cni) it hides the network that k0s installs`,
    },
    {
      prepared: "settings for containerd 1",
      script: `mkdir -p /etc/k0s/containerd.d && echo 'version = 2' >/etc/k0s/containerd.d/old.toml`,
      id: "/etc/k0s/containerd.d/old.toml",
      finds: "version 2, line 1 only version 3 is supported",
      category: "rejected",
      byHand: () => ["rm /etc/k0s/containerd.d/old.toml"],
    },
    {
      prepared: "a setting that containerd does not begin with",
      script: `mkdir -p /etc/k0s/containerd.d && printf 'version = 3\\nimports = 7\\n' >/etc/k0s/containerd.d/own.toml`,
      id: "/etc/k0s/containerd.d/own.toml",
      finds: "line 2 imports has to be a list of strings",
      category: "rejected",
      byHand: () => ["rm /etc/k0s/containerd.d/own.toml"],
    },
    {
      prepared: "k0s.yaml that is not valid",
      script: "echo 'spec: {api: {port: many}}' >/etc/k0s/k0s.yaml",
      id: "configuration",
      finds: "",
      byHand: (commands) => [...commands.map((command) => `! ${command}`), "rm /etc/k0s/k0s.yaml"],
    },
    {
      prepared: "k3s is installed",
      script: `mkdir -p /var/lib/rancher/k3s/server &&
        printf '#!/bin/sh\\nrm -r /var/lib/rancher; rm "$0"\\n' >/usr/local/bin/k3s-uninstall.sh && chmod +x /usr/local/bin/k3s-uninstall.sh`,
      id: "leftovers:k3s",
      finds: "/usr/local/bin/k3s-uninstall.sh another Kubernetes is installed here",
    },
    {
      prepared: "kubeadm has left its files",
      script: "mkdir -p /etc/kubernetes && : >/etc/kubernetes/kubelet.conf",
      id: "leftovers:kubeadm",
      finds: "/etc/kubernetes/kubelet.conf another Kubernetes is installed here",
    },
  ],
};

let network: TestNetwork;
const rows: { prepared: string; finding: string; done: readonly string[] }[] = [];

beforeAll(async () => {
  network = await startNetwork();
}, 400_000);

afterAll(async () => {
  for (const { prepared, finding, done } of rows)
    console.log(`${prepared}\n  found: ${finding}\n  done:  ${done.join("\n         ")}\n  then:  clean`);
  await network.destroy();
}, 300_000);

for (const [name, faults] of Object.entries(hosts)) {
  test(`${name}: found, repaired as it says, and found no more`, async () => {
    const machine = await network.machine({ name });
    const before = namesOf(await findings(machine));
    for (const { script } of faults) await machine.ok(["/bin/sh", "-ec", script]);
    const found = await findings(machine);
    for (const { prepared, id, finds, category = "warning" } of faults) {
      const report = reportOf(found, id);
      expect(`${report?.category} ${whatOf(report)}`, prepared).toStartWith(`${category} ${finds}`);
    }
    const done = await repair(machine, faults);
    expect(namesOf(await findings(machine))).toEqual(before);
    for (const { prepared, id } of faults)
      rows.push({ prepared, finding: whatOf(reportOf(found, id)), done: done.get(id) ?? [] });
  }, 300_000);
}

/** Does what the findings of these faults say, until none of them is left: one may have hidden another. */
async function repair(
  machine: TestMachine,
  faults: readonly Fault[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const done = new Map<string, readonly string[]>();
  for (let round = 0; round < 3; round += 1) {
    const found = await findings(machine);
    const left = faults.filter(({ id }) => reportOf(found, id) !== undefined);
    for (const { id, byHand = (commands: readonly string[]) => commands } of left) {
      const remedy = reportOf(found, id)?.remedy ?? "";
      const commands = byHand([...remedy.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ""));
      // Not -e: a person goes on after a command that finds nothing to do, such as a missing kubeadm.
      for (const command of commands) await machine.sh(command);
      done.set(id, [...(done.get(id) ?? []), ...commands]);
    }
  }
  return done;
}

async function findings(machine: TestMachine): Promise<readonly Report[]> {
  const { stdout } = await machine.exec(["k0s", "sysinfo", "-o", "json"]);
  return (JSON.parse(stdout) as Report[]).filter(({ category }) => category !== "pass");
}

function reportOf(reports: readonly Report[], id: string): Report | undefined {
  return reports.find(({ path }) => path.at(-1) === id);
}

function whatOf(report: Report | undefined): string {
  return report === undefined ? "nothing" : [report.prop, report.message].filter(Boolean).join(" ");
}

/** But for how full the disk is: others write to it meanwhile. */
function namesOf(reports: readonly Report[]): readonly string[] {
  return reports.map(({ path }) => path.join(" ")).filter((name) => !name.startsWith("reldisk:"));
}
