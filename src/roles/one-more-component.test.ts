// A component that is added to the list of its role, which is one line, is started, and known to everything that is made from
// the list. docs/ports.md and the table of docs/isolation.md: build/docs/ports-page.test.ts.

import { expect, test } from "bun:test";
import { plainController } from "../cli/node/testdata/plain-controller.ts";
import type { ControllerFacts } from "../components/controller-facts.ts";
import { kubeApiserverDeclaration } from "../components/kube-apiserver/declaration.ts";
import type { WorkerDeclaration } from "../components/node-facts.ts";
import { configDefaultsFor } from "../config/cluster-config.ts";
import { defaultImageUri } from "../config/images.ts";
import { controllerComponents } from "../node/controller/make-components.ts";
import { statusDetails } from "../node/controller/status-details.ts";
import { silentLogger } from "../std/logfmt.ts";
import type { Component } from "../supervisor/component.ts";
import type { Declaration } from "../supervisor/declaration.ts";
import { ComponentGroup } from "../supervisor/group.ts";
import { argumentFieldsOf } from "./folds/arguments.ts";
import { readersOf, readersOnceOf } from "./folds/certificates.ts";
import { componentsOf } from "./folds/components.ts";
import { type ControllerParts, controllerRole } from "./controller.ts";
import { imagesOf } from "./folds/images.ts";
import { portConflicts } from "./folds/port-rule.ts";
import { defaultLogLevelsOf, disableableNames } from "./folds/names.ts";
import { portsOf, portUses } from "./folds/ports.ts";
import { reachesOf } from "./folds/reach.ts";
import { programsOf } from "./folds/programs.ts";
import { usersInRootGroup, usersOf } from "./folds/users.ts";
import {
  dataContentOf,
  dataEntriesOf,
  leftBy,
  mountedBy,
  recognizerOf,
  routingTablesOf,
} from "./folds/traces.ts";
import { workerRole } from "./worker.ts";
import { everyWorkloadOf, systemStacksOf, workloadsOf } from "./folds/workloads.ts";

const started: string[] = [];

function dummyComponent({ name, config, alone }: ControllerParts): Component {
  const begin = async (): Promise<void> => {
    started.push(`${name}, port ${config.spec.api.port}, ${alone ? "alone" : "one of several"}`);
  };
  return { name: "dummy", dependsOn: [], start: begin, stop: () => Promise.resolve() };
}

const details = ({ name }: ControllerParts) => Promise.resolve({ Dummy: name });

const dummy: Declaration<ControllerFacts, ControllerParts> = {
  name: "dummy",
  make: (parts) => Promise.resolve(dummyComponent(parts)),
  disableable: true,
  logLevel: "2",
  programs: ["dummyd"],
  user: "dummy-user",
  group: "root",
  certificates: { "dummy-client": "once", "dummy-server": "again" },
  runningName: "k0s-dummy",
  restsOn: [kubeApiserverDeclaration],
  carries: ["DNS"],
  argumentsField: "spec.dummy.extraArgs",
  images: ({ networkProvider }) => (networkProvider === "custom" ? ["pause"] : []),
  stacks: ["dummy-stack"],
  dataEntries: ["dummy-data"],
  dataContent: { "dummy-data": /^objects$/ },
  dataFiles: { "dummy-data": /^index$/ },
  dataMounts: /^dummy-data\/mounts\//,
  leaves: [
    {
      paths: ["/run/dummy"],
      mountedBelow: ["/run/dummy"],
      withoutPods: ["/run/dummy"],
      sharedDirectories: ["/opt/dummy"],
      socketDirectories: ["/opt/dummy"],
      links: /^dummy0$/,
      chains: /^DUMMY-/,
      sets: /^dummy-/,
      rules: /--comment dummy/,
      tables: ["dummy-table"],
      routeProtocol: "99",
      routingTables: { names: ["999"], provedBy: { link: "dummy0", file: "/run/dummy/conf" } },
      cniNetwork: "dummy-network",
    },
  ],
  workloads: [{ name: "dummy-pods" }, { name: "dummy-single", when: ({ single }) => single }],
  ports: () => [{ port: 6443, address: "127.0.0.1", setting: ["spec", "dummy", "port"] }],
};

const role = [...controllerRole, dummy];
const node = { single: false, dataDir: "/var/lib/k0s", publicAddress: "10.0.0.1" };
const facts: ControllerFacts = {
  config: configDefaultsFor(node),
  single: false,
  disabledComponents: new Set(),
  kubeControllerManagerExtraArgs: {},
};

test("a start asks for its port, unless it is left out", () => {
  const use = { port: 6443, address: "127.0.0.1", process: "dummy", setting: "spec.dummy.port" };
  expect(portUses(portsOf(role, facts))).toContainEqual(use);
  const without = { ...facts, disabledComponents: new Set(["dummy"]) };
  expect(portUses(portsOf(role, without))).not.toContainEqual(use);
});

test("its program is unpacked, and its user made and removed", () => {
  expect(programsOf(role, facts)).toEqual([...programsOf(controllerRole, facts), "dummyd"]);
  expect(usersOf(role)).toEqual([...usersOf(controllerRole), "dummy-user"]);
  expect(usersInRootGroup(role)).toEqual(new Set([...usersInRootGroup(controllerRole), "dummy-user"]));
});

test("--disable-components and --logging know it", () => {
  expect(disableableNames(role)).toEqual([...disableableNames(controllerRole), "dummy"].toSorted());
  expect(defaultLogLevelsOf(role)).toEqual({ ...defaultLogLevelsOf(controllerRole), dummy: "2" });
});

test("its workload is waited for, its stack is k0s' own, its arguments are named", () => {
  expect(workloadsOf(role, facts)).toEqual([...workloadsOf(controllerRole, facts), "dummy-pods"]);
  expect(workloadsOf(role, { ...facts, single: true })).toContain("dummy-single");
  expect(everyWorkloadOf(role)).toEqual([...everyWorkloadOf(controllerRole), "dummy-pods", "dummy-single"]);
  const without = { ...facts, disabledComponents: new Set(["dummy"]) };
  expect(workloadsOf(role, without)).not.toContain("dummy-pods");
  expect(systemStacksOf(role).has("dummy-stack")).toBe(true);
  expect(argumentFieldsOf(role).get("dummy")).toBe("spec.dummy.extraArgs");
});

test("a node imports its images where it has a use for them", () => {
  const only = (networkProvider: string): string[] => [...imagesOf([dummy], { networkProvider })];
  expect(only("custom")).toEqual([defaultImageUri("pause")]);
  expect(only("calico")).toEqual([]);
});

test("its renewed certificate starts it again, by the name that it runs under", () => {
  expect(readersOnceOf(role).get("dummy-client")).toEqual(["k0s-dummy"]);
  expect(readersOnceOf(role).has("dummy-server")).toBe(false);
  expect(readersOf(role).get("dummy-server")).toEqual(["k0s-dummy"]);
});

test("k0s doctor knows what stops with it, and with what it stops", () => {
  expect(reachesOf(role).get("k0s-dummy")).toEqual({ components: [], carried: ["DNS"] });
  expect(reachesOf(role).get("etcd")?.components).toContain("k0s-dummy");
});

test("a reset knows what it makes in the data directory and elsewhere", () => {
  expect(dataEntriesOf(role)).toContain("dummy-data");
  expect(dataContentOf(role, "dataContent").get("dummy-data")?.test("objects")).toBe(true);
  expect(dataContentOf(role, "dataFiles").get("dummy-data")?.test("index")).toBe(true);
  expect(mountedBy(role)("dummy-data/mounts/a")).toBe(true);
  expect(mountedBy(controllerRole)("dummy-data/mounts/a")).toBe(false);
  expect(leftBy(role, "paths")).toEqual([...leftBy(controllerRole, "paths"), "/run/dummy"]);
  expect(leftBy(role, "mountedBelow")).toContain("/run/dummy");
  expect(leftBy(role, "withoutPods")).toContain("/run/dummy");
  expect(leftBy(role, "sharedDirectories")).toContain("/opt/dummy");
  expect(leftBy(role, "socketDirectories")).toContain("/opt/dummy");
  expect(leftBy(role, "tables")).toContain("dummy-table");
  expect(leftBy(role, "routeProtocol")).toContain("99");
  expect(leftBy(role, "cniNetwork")).toContain("dummy-network");
  expect(routingTablesOf(role).flatMap(({ names }) => names)).toContain("999");
  const names = { links: "dummy0", chains: "DUMMY-A", sets: "dummy-4", rules: "-m comment --comment dummy" };
  for (const kind of ["links", "chains", "sets", "rules"] as const) {
    expect([kind, recognizerOf(role, kind)(names[kind])]).toEqual([kind, true]);
    expect([kind, recognizerOf(controllerRole, kind)(names[kind])]).toEqual([kind, false]);
  }
});

test("config validate compares its port with all others", () => {
  const roles = { controller: role, worker: workerRole };
  expect(portConflicts(roles, facts.config, node).map(({ message }) => message)).toEqual([
    "6443 is taken: it is the port of spec.dummy.port",
  ]);
});

const controller = (...disabled: string[]): ControllerParts => plainController(facts.config, { disabled });

test("a controller starts it with what is known of the node, and tells its state", async () => {
  const made = await controllerComponents(controller(), role);
  const component = made.find(({ name }) => name === "dummy");
  expect(made.at(-1)).toBe(component as Component);
  const group = new ComponentGroup({
    name: "test",
    components: [component ?? []].flat(),
    log: silentLogger(),
  });
  await group.init(AbortSignal.timeout(60_000));
  await group.start(AbortSignal.timeout(60_000));
  expect(started).toEqual(["node-1, port 6443, one of several"]);
  expect(group.statuses().map(({ name, state }) => `${name} is ${state}`)).toEqual(["dummy is ready"]);
  await group.stop();
});

test("the status shows what it tells of itself", async () => {
  const log = silentLogger();
  const failing = { ...dummy, details: () => Promise.reject(new Error("is not known")) };
  const told = await statusDetails({ ...controller(), log }, [failing, { ...dummy, details }, dummy]);
  expect(told).toEqual({ Dummy: "node-1" });
});

test("with --disable-components it is not even made", async () => {
  const unmade = { ...dummy, make: () => Promise.reject(new Error("was made")) };
  const parts = controller("dummy");
  const names = (made: readonly Component[]): readonly string[] => made.map(({ name }) => name);
  const without = names(await controllerComponents(parts, [...controllerRole, unmade]));
  expect(without).toEqual(names(await controllerComponents(parts)));
});

test("a node with pods starts what is added to the list of workers", async () => {
  const one: WorkerDeclaration = {
    name: "one",
    make: ({ name, env }) =>
      Promise.resolve({ ...dummyComponent(controller()), name: `${name} ${env["A"]}` }),
  };
  const node = { ...controller(), env: { A: "a" } };
  const before = { kubeletConfiguration: {}, kubeProxy: undefined } as const;
  const made = await componentsOf([...workerRole, one], { ...node, ...before }, node);
  expect(made.map(({ name }) => name)).toEqual(["image-bundles", "node-1 a"]);
});
