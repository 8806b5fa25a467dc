import { expect, test } from "bun:test";
import { everyRole, outcome, remedy } from "./testdata/made-host.ts";

test("other distributions, each with its own way to go", async () => {
  expect(await outcome("leftovers")).toBe("pass none");
  for (const [file, name, command] of [
    ["/usr/local/bin/k3s-uninstall.sh", "k3s", "`/usr/local/bin/k3s-uninstall.sh`"],
    ["/var/lib/rancher/rke2", "RKE2", "`/usr/local/bin/rke2-uninstall.sh`"],
    ["/etc/kubernetes/kubelet.conf", "kubeadm", "`kubeadm reset --force; mv /etc/kubernetes"],
    ["/var/snap/microk8s", "MicroK8s", "`snap remove --purge microk8s`"],
  ] as const) {
    const files = { [file]: "" };
    expect(await outcome("leftovers", { files })).toBe(`pass ${name}`);
    expect(await outcome(`leftovers:${name}`, { files })).toBe(
      `warning ${file} another Kubernetes is installed here`,
    );
    const said = await remedy(`leftovers:${name}`, { files });
    expect(said).toContain(command);
    // It may be in use, and this is but a warning.
    expect(said).toStartWith("Use another host for k0s");
    expect(said).toContain("deletes all its data");
  }
});

test("links of other networks; of k0s' own ones where it has never run", async () => {
  const links = async () => ["lo", "eth0", "docker0", "cni0", "vxlan.calico", "kube-bridge"];
  expect(await outcome("leftovers:links", { links, isInstalled: async () => true })).toBe(
    "warning cni0 made by another cluster",
  );
  expect(await outcome("leftovers:links", { links })).toBe(
    "warning cni0 vxlan.calico kube-bridge made by another cluster",
  );
  expect(await remedy("leftovers:links", { links: async () => ["cni0", "flannel.1"] })).toBe(
    "`ip link delete cni0; ip link delete flannel.1`",
  );
});

test("links of the network that the operator has put into this cluster are not another cluster's", async () => {
  const links = async () => ["lo", "eth0", "cilium_host", "flannel.1"];
  const seen = (provider: "custom" | "kuberouter" | undefined, installed: boolean) =>
    outcome(
      "leftovers:links",
      { links, isInstalled: async () => installed },
      { ...everyRole, networks: { ...everyRole.networks, provider } },
    );
  expect(await seen("custom", true)).toBe("pass none");
  // A worker, or a controller that does not run: what it was started with is not known.
  expect(await seen(undefined, true)).toBe("pass none");
  expect(await seen("kuberouter", true)).toBe("warning cilium_host flannel.1 made by another cluster");
  expect(await seen("custom", false)).toBe("warning cilium_host flannel.1 made by another cluster");
});

test("rules of a cluster that is gone", async () => {
  const ask = async (tool: string) =>
    tool === "iptables-save"
      ? "*nat\n:KUBE-SERVICES - [0:0]\n-A PREROUTING -j KUBE-SERVICES\nCOMMIT\n"
      : undefined;
  expect(await outcome("leftovers:rules", { ask })).toBe("warning iptables 1 rules of another cluster");
  expect(await outcome("leftovers:rules")).toBe("pass none");
  expect(await outcome("leftovers:rules", { ask, isInstalled: async () => true })).toBeUndefined();
});
