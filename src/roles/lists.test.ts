// What the folds make of the real lists, as it was when they were written by hand.

import { expect, test } from "bun:test";
import { absentComponents, disableableComponents } from "../cli/controller/flags.ts";
import { kubeletRootEntries } from "../components/kubelet/root-entries.ts";
import { factsBeforeSettings } from "../components/worker-facts.ts";
import { type ClusterConfig, configDefaultsFor } from "../config/cluster-config.ts";
import { gatedComponents } from "../config/schema/feature-gates.ts";
import { recordFileName } from "../config/installation-record.ts";
import { defaultImageUri, type ImageKey, imageKeys } from "../config/images.ts";
import { dataDirContent, dataDirEntries, isOfPrograms } from "../host/data-dir-entries.ts";
import { clusterPaths, podMountRoots, sharedDirectories } from "../host/outside-paths.ts";
import { readersOnceOf } from "./certificates.ts";
import { isOurInterface } from "../os/addresses.ts";
import type { Declaration } from "../supervisor/declaration.ts";
import { clusterPkiSpec } from "../pki/cluster-spec.ts";
import { controllerRole } from "./controller.ts";
import { imagesOf } from "./images.ts";
import { defaultLogLevelsOf } from "./names.ts";
import { programsOf } from "./programs.ts";
import { leftBy, recognizerOf, routingTablesOf } from "./traces.ts";
import { usersInRootGroup, usersOf } from "./users.ts";
import { workerRole } from "./worker.ts";
import { everyWorkloadOf, systemStacksOf, workloadsOf } from "./workloads.ts";

const defaults = configDefaultsFor({ single: false, dataDir: "/var/lib/k0s", publicAddress: "10.0.0.1" });
const programs = (config: ClusterConfig, single = false): readonly string[] =>
  programsOf(controllerRole, {
    config,
    single,
    disabledComponents: new Set(),
    kubeControllerManagerExtraArgs: {},
  });

test("users, in the order in which they get their numbers", () => {
  expect(usersOf(controllerRole)).toEqual([
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "konnectivity-server",
  ]);
  expect([...usersInRootGroup(controllerRole)]).toEqual(["kube-apiserver", "kube-controller-manager"]);
});

test("programs of a controller, the datastore first", () => {
  const kubernetes = ["kube-apiserver", "kube-controller-manager", "kube-scheduler"];
  expect(programs(defaults)).toEqual(["etcd", ...kubernetes, "konnectivity-server"]);
  const storage = { ...defaults.spec.storage, type: "kine" as const };
  expect(programs({ ...defaults, spec: { ...defaults.spec, storage } }, true)).toEqual([
    "kine",
    ...kubernetes,
  ]);
});

test("programs of a worker, with a runtime of k0s and with another one", () => {
  const of = (criSocket: string | undefined): readonly string[] =>
    programsOf(workerRole, factsBeforeSettings({ kubeletExtraArgs: {}, criSocket }));
  expect(of(undefined)).toEqual(["kubelet", "kube-proxy", "containerd", "runc"]);
  expect(of("unix:///run/other.sock")).toEqual(["kubelet", "kube-proxy"]);
});

test("who is started again for a renewed certificate, each one that a controller has", () => {
  const readers = readersOnceOf([...controllerRole, ...workerRole]);
  expect([...readers]).toEqual([
    ["ccm", ["kube-controller-manager"]],
    ["scheduler", ["kube-scheduler"]],
    ["konnectivity", ["konnectivity"]],
  ]);
  const { leaves } = clusterPkiSpec({
    pkiDir: "/pki",
    sans: [],
    server: "https://localhost:6443",
    users: {},
    caExpiresMs: 1,
    leafExpiresMs: 1,
    konnectivity: true,
    joinApi: true,
  });
  expect(leaves.map(({ base }) => base)).toEqual(
    expect.arrayContaining([...readers.keys()].map((name) => `/pki/${name}`)),
  );
});

test("stacks that are k0s' own, and what is waited for in them", () => {
  expect([...systemStacksOf(controllerRole)].toSorted()).toEqual([
    "calico",
    "calico_init",
    "coredns",
    "konnectivity",
    "kuberouter",
    "metricserver",
  ]);
  const of = (single: boolean, ...disabled: string[]): readonly string[] =>
    workloadsOf(controllerRole, {
      config: defaults,
      single,
      disabledComponents: new Set(disabled),
      kubeControllerManagerExtraArgs: {},
    }).toSorted();
  const calico = ["calico-kube-controllers", "calico-node"];
  expect(everyWorkloadOf(controllerRole).toSorted()).toEqual([
    ...calico,
    "coredns",
    "konnectivity-agent",
    "kube-router",
    "metrics-server",
  ]);
  expect(of(false)).toEqual([...calico, "coredns", "konnectivity-agent", "metrics-server"]);
  expect(of(true, "coredns")).toEqual([...calico, "metrics-server"]);
  expect(of(true, "network-provider", "metrics-server")).toEqual(["coredns"]);
});

test("images that a node needs, all of them where it does not know its network", () => {
  const without = (networkProvider?: string): ImageKey[] => {
    const needed = imagesOf([...controllerRole, ...workerRole], { networkProvider });
    return imageKeys().filter((key) => !needed.has(defaultImageUri(key)));
  };
  const calico: ImageKey[] = ["calico.cni", "calico.node", "calico.kubecontrollers"];
  const kubeRouter: ImageKey[] = ["kuberouter.cni", "kuberouter.cniInstaller"];
  expect(without("calico")).toEqual(kubeRouter);
  expect(without("kuberouter")).toEqual(calico);
  expect(without("custom")).toEqual([...calico, ...kubeRouter]);
  expect(without(undefined)).toEqual([]);
  expect(without("what a later release may have")).toEqual([]);
});

test("what a reset knows of the data directory, the record last, and of paths elsewhere", () => {
  expect(dataDirEntries).toEqual([
    "bin",
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
    "konnectivity.conf",
    "kube-proxy-mode",
    "kubelet",
    "kubelet-bootstrap.conf",
    "kubelet.conf",
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
});

test("what is made in the data directory, and where in it programs mount", () => {
  expect([...dataDirContent].toSorted(([one], [other]) => (one < other ? -1 : 1))).toEqual([
    ["containerd", /^(io\.containerd\..+|tmpmounts)$/],
    ["db", /^state\.db(-.+)?$/],
    ["etcd", /^member$/],
    ["etcd/member", /^(snap|wal)$/],
    ["kubelet", new RegExp(`^(${kubeletRootEntries.join("|")})$`)],
  ]);
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
    {
      names: ["77", "78", "79", "kube-router", "kube-router-dsr", "external_ip"],
      provedBy: { link: "kube-bridge", file: "/etc/cni/net.d/10-kuberouter.conflist" },
    },
  ]);
});

test("addresses of links that a reset removes are never the host's", () => {
  const links = hostNames.filter(recognizerOf([...controllerRole, ...workerRole], "links"));
  expect(links).toContain("kube-ipvs0");
  expect(links.filter((name) => !isOurInterface(name))).toEqual([]);
  expect(["eth0", "tun0", "tunl0", "docker0", "br-cali"].filter(isOurInterface)).toEqual([]);
});

test("whoever is told feature gates is a component with a process", () => {
  const processes = [...controllerRole, ...workerRole].flatMap(({ name, programs }: Declaration) =>
    programs === undefined ? [] : [name],
  );
  expect(processes).toEqual(expect.arrayContaining([...gatedComponents]));
});

test("log levels", () => {
  expect(defaultLogLevelsOf([...controllerRole, ...workerRole])).toEqual({
    containerd: "info",
    etcd: "info",
    "konnectivity-server": "1",
    "kube-apiserver": "1",
    "kube-controller-manager": "1",
    "kube-scheduler": "1",
    kubelet: "1",
  });
});

test("--disable-components takes what upstream's does", () => {
  expect(disableableComponents).toEqual([
    "applier-manager",
    "autopilot",
    "control-api",
    "coredns",
    "csr-approver",
    "endpoint-reconciler",
    "helm",
    "konnectivity-server",
    "kube-controller-manager",
    "kube-proxy",
    "kube-scheduler",
    "metrics-server",
    "network-provider",
    "node-role",
    "system-rbac",
    "update-prober",
    "windows-node",
  ]);
  expect(absentComponents.every((name) => disableableComponents.includes(name))).toBe(true);
});
