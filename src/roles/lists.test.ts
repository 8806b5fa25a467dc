// What the folds make of the real lists, as it was when they were written by hand.

import { Glob } from "bun";
import { expect, test } from "bun:test";
import { join } from "node:path";
import { callNames, loadCatalog } from "../../build/components/read-catalog.ts";
import { hostComponents } from "../../build/pack/component-parts.ts";
import { etcdDeclaration } from "../components/etcd/declaration.ts";
import { kineDeclaration } from "../components/kine/declaration.ts";
import { konnectivityDeclaration } from "../components/konnectivity/declaration.ts";
import { kubeApiserverDeclaration } from "../components/kube-apiserver/declaration.ts";
import { kubeControllerManagerDeclaration } from "../components/kube-controller-manager/declaration.ts";
import { kubeSchedulerDeclaration } from "../components/kube-scheduler/declaration.ts";
import { everyAddon } from "./testdata/every-addon.ts";
import { windowsDaemonSets } from "../components/windows-node/declaration.ts";
import { whyReserved } from "../deployer/reserved-stacks.ts";
import { absentComponents, disableableComponents } from "../cli/controller/flags.ts";
import { factsBeforeSettings } from "../components/worker-facts.ts";
import { type ClusterConfig, configDefaultsFor } from "../config/cluster-config.ts";
import { gatedComponents } from "../config/schema/feature-gates.ts";
import { defaultImageUri, type ImageKey, imageKeys } from "../config/images.ts";
import { readersOf, readersOnceOf } from "./folds/certificates.ts";
import type { Declaration } from "../supervisor/declaration.ts";
import { clusterPkiSpec } from "../pki/cluster-spec.ts";
import { etcdPkiSpec } from "../pki/etcd-spec.ts";
import { controllerRole } from "./controller.ts";
import { imagesOf } from "./folds/images.ts";
import { defaultLogLevelsOf } from "./folds/names.ts";
import { programsOf } from "./folds/programs.ts";
import { usersInRootGroup, usersOf } from "./folds/users.ts";
import { reachesOf } from "./folds/reach.ts";
import { workerRole } from "./worker.ts";
import { everyWorkloadOf, systemStacksOf, workloadsOf } from "./folds/workloads.ts";

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
    "konnectivity-server",
    "kube-scheduler",
    "kube-controller-manager",
  ]);
  expect([...usersInRootGroup(controllerRole)]).toEqual(["kube-apiserver", "kube-controller-manager"]);
});

test("programs of a controller, the datastore first", () => {
  const kubernetes = ["kube-apiserver", "kube-scheduler", "kube-controller-manager"];
  expect(programs(defaults)).toEqual(["etcd", "konnectivity-server", ...kubernetes, "helm"]);
  const storage = { ...defaults.spec.storage, type: "kine" as const };
  expect(programs({ ...defaults, spec: { ...defaults.spec, storage } }, true)).toEqual([
    "kine",
    ...kubernetes,
    "helm",
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
    ["konnectivity", ["konnectivity"]],
    ["scheduler", ["kube-scheduler"]],
    ["ccm", ["kube-controller-manager"]],
  ]);
  const input = {
    pkiDir: "/pki",
    sans: [],
    server: "https://localhost:6443",
    users: new Map(),
    caExpiresMs: 1,
    leafExpiresMs: 1,
    konnectivity: true,
    joinApi: true,
  };
  const cluster = clusterPkiSpec(input);
  const etcd = etcdPkiSpec({ ...input, etcdPkiDir: "/pki/etcd", peerAddress: "10.0.0.1" });
  const certificates = [cluster, etcd].flatMap(({ authorities, leaves }) => [...authorities, ...leaves]);
  expect([...certificates.map(({ base }) => base), "/pki/kubelet-serving-bundle"]).toEqual(
    expect.arrayContaining([...readersOf(controllerRole).keys()].map((name) => `/pki/${name}`)),
  );
});

test("what no longer works when a component does not", () => {
  const reaches = reachesOf([...controllerRole, ...workerRole]);
  const clients = ["kube-controller-manager", "kube-proxy", "kube-scheduler", "kubelet"];
  const reachOf = (name: string): readonly string[][] => {
    const { components, carried } = reaches.get(name) ?? { components: [], carried: [] };
    return [components.toSorted(), carried.toSorted()];
  };
  const pods = ["CNI", "DNS", "system pods"];
  const api = ["API", ...pods.slice(0, 2), "node", "system pods", "tunnel"];
  const store = [...api.slice(0, 3), "datastore", ...api.slice(3)];
  expect(reachOf("kube-scheduler")).toEqual([[], ["DNS", "system pods"]]);
  expect(reachOf("kube-apiserver")).toEqual([clients, api]);
  expect(reachOf("etcd")).toEqual([["datastore-identity", "kube-apiserver", ...clients], store]);
  expect(reachOf("database")).toEqual([["datastore-identity", "kine", "kube-apiserver", ...clients], store]);
  expect(reachOf("containerd")).toEqual([["kubelet"], [...pods.slice(0, 2), "node", "system pods"]]);
  expect(reachOf("certificates")[0]).toEqual(
    ["datastore-identity", "etcd", "kine", "konnectivity", "kube-apiserver", ...clients].toSorted(),
  );
  expect(reaches.has("coredns")).toBe(false);
});

test("who owns a key is the user of a component", () => {
  const asked = new Set<string>();
  const users = { get: (name: string) => void asked.add(name) };
  const rest = { pkiDir: "/pki", users, caExpiresMs: 1, leafExpiresMs: 1 };
  clusterPkiSpec({ ...rest, sans: [], server: "https://localhost:6443", konnectivity: true, joinApi: true });
  etcdPkiSpec({ ...rest, etcdPkiDir: "/pki/etcd", peerAddress: "10.0.0.1" });
  expect([...asked].toSorted()).toEqual(usersOf(controllerRole).toSorted());
});

test("stacks that are k0s' own, and what is waited for in them", () => {
  expect([...systemStacksOf(controllerRole)].toSorted()).toEqual([
    "calico",
    "calico_init",
    "coredns",
    "konnectivity",
    "kuberouter",
    "metricserver",
    "runtime-classes",
    "windows-node",
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
    "node-local-dns",
  ]);
  const deployed = everyAddon(defaults).filter(({ kind }) => kind === "DaemonSet" || kind === "Deployment");
  expect(new Set(deployed.map(({ metadata }) => metadata.name))).toEqual(
    new Set([...everyWorkloadOf(controllerRole), ...Object.values(windowsDaemonSets)]),
  );
  expect([...systemStacksOf(controllerRole)].filter((name) => whyReserved(name) !== undefined)).toEqual([]);
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

test("k0s.yaml gives feature gates to those, and only to those, whose golden files have them", () => {
  const golden = new Glob("*/testdata/feature-gates.*").scanSync(join(import.meta.dir, "../components"));
  const told = [...golden].map((path) => path.slice(0, path.indexOf("/")));
  expect(told.toSorted()).toEqual([...gatedComponents].toSorted());
  const processes = [...controllerRole, ...workerRole].flatMap(({ name, programs }: Declaration) =>
    programs === undefined ? [] : [name],
  );
  expect(processes).toEqual(expect.arrayContaining([...gatedComponents]));
});

test("the users that k0s.yaml names by default are those that components run as", () => {
  const { users } = defaults.spec.installConfig;
  expect(users).toEqual({
    etcdUser: etcdDeclaration.user,
    kineUser: kineDeclaration.user,
    konnectivityUser: konnectivityDeclaration.user,
    kubeAPIserverUser: kubeApiserverDeclaration.user,
    kubeSchedulerUser: kubeSchedulerDeclaration.user,
  });
  // Upstream has no field for it.
  const { user } = kubeControllerManagerDeclaration;
  expect([...new Set([...Object.values(users), user])].toSorted()).toEqual(
    usersOf(controllerRole).toSorted(),
  );
});

test("every program that a component declares comes inside the file, and of each module some are needed", async () => {
  const declared = [...controllerRole, ...workerRole].flatMap(({ programs }: Declaration) => programs ?? []);
  const catalog = (await loadCatalog()).filter(({ name }) => hostComponents.some((host) => host === name));
  const inFile = catalog.map(({ name, executables }) => ({ name, programs: executables.flatMap(callNames) }));
  expect(inFile.flatMap(({ programs }) => programs)).toEqual(expect.arrayContaining(declared));
  const needless = inFile.filter(({ programs }) => !programs.some((program) => declared.includes(program)));
  // Of the container runtime, which calls its plug-ins by itself.
  expect(needless.map(({ name }) => name)).toEqual(["cni-plugins"]);
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
