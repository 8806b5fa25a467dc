// What a reset knows of a host by what components leave, as it was when it was written by hand.

import { expect, test } from "bun:test";
import { kubeletRootEntries } from "../../components/kubelet/root-entries.ts";
import { recordFileName } from "../../config/installation-record.ts";
import { dataDirContent, dataDirEntries, dataDirFiles, isOfPrograms } from "../../host/data-dir-entries.ts";
import {
  clusterPaths,
  pathsWithoutPods,
  podMountRoots,
  sharedDirectories,
  socketDirectories,
} from "../../host/outside-paths.ts";
import { isOurInterface } from "../../os/addresses.ts";
import { controllerRole } from "../controller.ts";
import { leftBy, recognizerOf, routingTablesOf } from "./traces.ts";
import { workerRole } from "../worker.ts";

test("what a reset knows of the data directory, the record last, and of paths elsewhere", () => {
  expect(dataDirEntries).toEqual([
    "audit",
    "bin",
    "cluster-config-taken-back.json",
    "cluster-config.yaml",
    "cluster-facts.json",
    "cni-bin",
    "containerd",
    "db",
    "deployed",
    "etcd",
    "helmhome",
    "host-tools",
    "images",
    "iptables-mode",
    "join-state.json",
    "kine-files.json",
    "konnectivity.conf",
    "kube-apiserver",
    "kube-proxy-mode",
    "kubelet",
    "kubelet-bootstrap.conf",
    "kubelet.conf",
    "log",
    "manifests",
    "pki",
    "run",
    "runtime",
    "worker-profile.yaml",
    recordFileName,
  ]);
  expect(clusterPaths).toEqual([
    "/etc/cni/net.d/10-calico.conflist",
    "/etc/cni/net.d/calico-kubeconfig",
    "/run/calico",
    "/var/lib/calico",
    "/var/log/calico",
    "/run/nodeagent",
    "/etc/cni/net.d/10-kuberouter.conflist",
    "/run/kube-router",
    "/usr/libexec/k0s",
    "/var/lib/kubelet/device-plugins",
  ]);
  expect(pathsWithoutPods).toEqual(["/usr/libexec/k0s"]);
  expect(clusterPaths).toEqual(expect.arrayContaining([...pathsWithoutPods]));
});

test("what is made in the data directory, and where in it programs mount", () => {
  expect([...dataDirContent].toSorted(([one], [other]) => (one < other ? -1 : 1))).toEqual([
    ["containerd", /^(io\.containerd\..+|tmpmounts)$/],
    ["etcd", /^member$/],
    ["etcd/member", /^(snap|wal)$/],
    ["kubelet", new RegExp(`^(${kubeletRootEntries.join("|")})$`)],
  ]);
  expect([...dataDirFiles]).toEqual([["db", /^state\.db(-.+)?$/]]);
  const paths = ["kubelet/pods/a", "kubelet/plugins/a", "containerd/a/b", "run/a"];
  const others = ["kubelet/pods", "kubelet/x/a", "containerd/a", "etcd/member/wal", "run", "x/run/a"];
  expect([...paths, ...others].filter(isOfPrograms)).toEqual(paths);
});

test("directories that others use, too: inner ones first", () => {
  expect(sharedDirectories.toSorted()).toEqual([
    "/etc/cni",
    "/etc/cni/net.d",
    "/etc/k0s",
    "/etc/k0s/containerd.d",
    "/opt/cni",
    "/opt/cni/bin",
    "/run/containerd",
    "/run/containerd/runc",
    "/run/containerd/runc/k8s.io",
    "/run/containerd/s",
    "/run/mount",
    "/run/netns",
    "/run/nri",
    "/usr/libexec",
    "/var/lib/cni",
    "/var/lib/cni/cache",
    "/var/lib/cni/cache/results",
    "/var/lib/cni/networks",
    "/var/lib/cni/results",
    "/var/lib/kubelet",
    "/var/log/containers",
    "/var/log/pods",
  ]);
  const tooEarly = sharedDirectories.filter((outer, index) =>
    sharedDirectories.slice(index + 1).some((inner) => inner.startsWith(`${outer}/`)),
  );
  expect(tooEarly).toEqual([]);
  expect(socketDirectories).toEqual(["/run/containerd/s", "/run/nri"]);
  expect(podMountRoots).toEqual(["/run/calico", "/var/lib/calico"]);
});

// Names that they give, and names that look like them.
const hostNames = [
  ..."KUBE-SERVICES KUBE-KUBELET-CANARY KUBE-ROUTER-INPUT KUBE-NWPLCY-DEFAULT KUBE_X KUBEX cali-INPUT cali:x".split(
    " ",
  ),
  ..."DOCKER CNI-HOSTPORT-DNAT XKUBE- xcali-".split(" "),
  ..."cali40s:x cali60all-ipam cali50 kube-router-pod-subnets inet6:kube-router-x inet6:KUBE-DST-X".split(
    " ",
  ),
  ..."KUBE-CLUSTER-IP 6-KUBE-CLUSTER-IP inet6:cali40 inet6:x 6-x mine".split(" "),
  ..."cali123 cali12 calibre caliABC vxlan.calico vxlan-v6.calico vxlan.calico1 vxlanxcalico wg-v6.cali".split(
    " ",
  ),
  ..."wireguard.cali wireguardxcali kube-bridge kube-bridge0 kube-dummy-if kube-ipvs0 kube-ipvs1 dummyvip0".split(
    " ",
  ),
  ..."dummyvip tun-ab12cd tun-ab12 tun-xyzxyz tun0 tunl0 eth0 br-cali".split(" "),
];

const hostRules = [
  ' -m comment --comment "cali:Cz_u1IQiXIMmKD4c" -j MARK',
  " -m comment --comment cali:x -j MARK",
  ' -m comment --comment "like cali:x" -j ACCEPT',
  ' -m comment --comment "kube-router netpol - 4IA2OSFRMVNDXBVV" -j X',
  " -m comment --comment kube-router -j X",
  ' -m comment --comment "kubernetes postrouting rules" -j X',
  " -m comment --comment kubernetes -j X",
  ' -m comment --comment "allow outbound node port traffic on node interface with which node ip is associated" -j X',
  " -i kube-bridge -j ACCEPT",
  " -o kube-bridge -j ACCEPT",
  " -o kube-bridges -j ACCEPT",
  " -i docker0 -j MASQUERADE",
];

test("a reset knows links, chains, sets, rules and tables as it did by one pattern each", () => {
  const all = [...controllerRole, ...workerRole];
  const patterns = {
    chains: /^(KUBE-|cali-|KUBE_)/,
    sets: /^(cali[46]0|kube-router|inet6:kube-router|KUBE-|6-KUBE-|inet6:KUBE-)/,
    links:
      /^(cali[0-9a-f]{3,}.*|vxlan(-v6)?\.calico|wg-v6\.cali|wireguard\.cali|kube-bridge|kube-dummy-if|kube-ipvs0|dummyvip0|tun-[0-9a-f]{6,})$/,
    rules:
      /--comment\s+"?(cali:|kube-router |kubernetes |allow outbound node port traffic on node interface)|\s-[io] kube-bridge\b/,
  };
  for (const [kind, pattern] of Object.entries(patterns) as [keyof typeof patterns, RegExp][]) {
    const known = recognizerOf(all, kind);
    const texts = [...hostNames, ...hostRules];
    const expected = texts.filter((text) => pattern.test(text));
    expect([kind, expected.length > 3 && expected.length < texts.length - 3]).toEqual([kind, true]);
    expect([kind, ...texts.filter(known)]).toEqual([kind, ...expected]);
  }
  expect(leftBy(all, "tables").toSorted()).toEqual(["calico", "k0s-control-plane", "kube-proxy"]);
  expect(leftBy(all, "routeProtocol")).toEqual(["80", "107"]);
  expect(leftBy(all, "cniNetwork")).toEqual(["k8s-pod-network", "mynet"]);
  expect(routingTablesOf(all)).toEqual([
    expect.objectContaining({ names: ["1", "2"] }),
    {
      names: ["77", "78", "79", "kube-router", "kube-router-dsr", "external_ip"],
      provedBy: { link: "kube-bridge", file: "/etc/cni/net.d/10-kuberouter.conflist" },
    },
  ]);
});

test("addresses of links that a reset removes are never the host's", () => {
  const all = [...controllerRole, ...workerRole];
  const links = hostNames.filter(recognizerOf(all, "links"));
  // Each of them has an example here, so a new one is asked for.
  const patterns = all.flatMap(({ leaves = [] }) => leaves.flatMap(({ links }) => links ?? []));
  expect(patterns.filter((pattern) => !hostNames.some((name) => pattern.test(name)))).toEqual([]);
  expect(links).toContain("kube-ipvs0");
  expect(links.filter((name) => !isOurInterface(name))).toEqual([]);
  expect(["eth0", "tun0", "tunl0", "docker0", "br-cali"].filter(isOurInterface)).toEqual([]);
});
