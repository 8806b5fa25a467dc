// Other Kubernetes distributions on this host, and what they have left: they take the same ports, links, rules and control groups.

import { controllerRole } from "../../roles/controller.ts";
import { recognizerOf } from "../../roles/folds/traces.ts";
import { workerRole } from "../../roles/worker.ts";
import type { ClusterNetworks } from "./cluster-networks.ts";
import { type Finding, found } from "./finding.ts";
import { pass, type Probe } from "./probe.ts";
import type { ProbeHost } from "./probe-host.ts";

export const otherDistribution: Finding = {
  category: "warning",
  message: "another Kubernetes is installed here",
  why: "Two kubelets fight over ports, network configuration, packet filters and containers; leftovers of one mislead the other.",
  remedy:
    "Use another host for k0s; or, if nobody needs that cluster any more, remove it, which deletes all its data: `{command}`.",
};

export const otherLinks: Finding = {
  category: "warning",
  message: "made by another cluster",
  why: "Its addresses and routes take packets that are meant for pods of this one.",
  remedy: "`{command}`",
};

export const otherRules: Finding = {
  category: "warning",
  message: "{count} rules of another cluster",
  why: "They send or drop packets as that cluster wanted, and decide which kind of iptables k0s takes.",
  remedy: "Reboot, or `iptables-save | grep -v -e KUBE- -e cali- -e FLANNEL -e CILIUM | iptables-restore`.",
};

interface Distribution {
  readonly name: string;
  /** Files that only it makes. */
  readonly files: readonly string[];
  readonly command: string;
}

/** Docker is not among them: it uses names and addresses of its own, and both go together. */
const distributions: readonly Distribution[] = [
  {
    name: "k3s",
    files: ["/usr/local/bin/k3s-uninstall.sh", "/var/lib/rancher/k3s/server"],
    command: "/usr/local/bin/k3s-uninstall.sh",
  },
  {
    name: "k3s (agent)",
    files: ["/usr/local/bin/k3s-agent-uninstall.sh", "/var/lib/rancher/k3s/agent/kubelet.kubeconfig"],
    command: "/usr/local/bin/k3s-agent-uninstall.sh",
  },
  {
    name: "RKE2",
    files: ["/usr/local/bin/rke2-uninstall.sh", "/var/lib/rancher/rke2"],
    command: "/usr/local/bin/rke2-uninstall.sh",
  },
  {
    name: "kubeadm",
    files: [
      "/etc/kubernetes/kubelet.conf",
      "/etc/kubernetes/admin.conf",
      "/etc/kubernetes/manifests/kube-apiserver.yaml",
    ],
    command: "kubeadm reset --force; mv /etc/kubernetes /root/etc-kubernetes.old",
  },
  { name: "MicroK8s", files: ["/var/snap/microk8s"], command: "snap remove --purge microk8s" },
];

export function leftoversProbe(networks: Pick<ClusterNetworks, "provider">): Probe {
  return {
    id: "leftovers",
    displayName: "Other clusters",
    check: async (host) => {
      const names = (await distributionsOn(host)).map(({ name }) => name);
      return pass(names.join(", ") || "none");
    },
    children: async (host) => {
      const installed = await host.isInstalled();
      return [
        ...(await distributionsOn(host)).map(distributionProbe),
        linksProbe(installed, networks),
        ...(installed ? [] : [rulesProbe]),
      ];
    },
  };
}

async function distributionsOn(host: ProbeHost): Promise<readonly (Distribution & { file: string })[]> {
  const there = await Promise.all(
    distributions.map(async (distribution) => {
      for (const file of distribution.files) if (await host.exists(file)) return { ...distribution, file };
      return undefined;
    }),
  );
  return there.filter((one) => one !== undefined);
}

function distributionProbe({ name, file, command }: Distribution & { file: string }): Probe {
  return {
    id: `leftovers:${name}`,
    displayName: name,
    check: async () => found(otherDistribution, file, { command }),
  };
}

/**
 * Links of networks that k0s does not install, and of those that it does. Once it has run here these are its own, and the others
 * may be those of a network that the operator has put into this cluster, unless its configuration says which one it has.
 */
function linksProbe(installed: boolean, { provider }: Pick<ClusterNetworks, "provider">): Probe {
  const noStrangers = installed && (provider === undefined || provider === "custom");
  const strangers = /^(cni0|flannel(\.1|-v6\.1|-wg)|cilium_\w+|weave|antrea-gw0|ovn-k8s-mp0)$/;
  const ours = recognizerOf([...controllerRole, ...workerRole], "links");
  return {
    id: "leftovers:links",
    displayName: "Links of other clusters",
    check: async (host) => {
      const links = (await host.links()).filter(
        (name) => (!noStrangers && strangers.test(name)) || (!installed && ours(name)),
      );
      if (links.length === 0) return pass("none");
      const command = links.map((link) => `ip link delete ${link}`).join("; ");
      return found(otherLinks, links.join(" "), { command });
    },
  };
}

const rulesProbe: Probe = {
  id: "leftovers:rules",
  displayName: "Packet filter rules of other clusters",
  check: async (host) => {
    const saved = (await host.ask("iptables-save")) ?? "";
    const count = saved.split("\n").filter((line) => /^-A.*(KUBE-|cali-|FLANNEL|CILIUM)/.test(line)).length;
    return count === 0 ? pass("none") : found(otherRules, "iptables", { count: String(count) });
  },
};
