// docs/compatibility.md says what differs from upstream: each of its tables is compared with the code. Commands and flags
// are compared in build/docs.

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { workerFactsOf } from "../../src/components/worker-facts.ts";
import { unsupportedFeatures } from "../../src/config/unsupported.ts";
import { checkClusterConfig } from "../../src/config/validate.ts";
import { configWarnings } from "../../src/config/warnings.ts";
import { dataDirEntries } from "../../src/host/data-dir-entries.ts";
import { controlPlaneUsers } from "../../src/host/system-users.ts";
import { controllerRole } from "../../src/roles/controller.ts";
import { laterPortsOf, portsOf } from "../../src/roles/folds/ports.ts";
import { workerRole } from "../../src/roles/worker.ts";
import { codeSpans, tableBelow } from "./markdown-table.ts";
import {
  upstreamDataDirEntries,
  upstreamDefaults,
  upstreamKeys,
  upstreamPorts,
  upstreamUsers,
} from "./upstream-facts.ts";
import { upstreamFields } from "./upstream-fields.ts";

const top = join(import.meta.dir, "../..");
const read = (file: string): string => readFileSync(join(top, file), "utf8");
const page = read("docs/compatibility.md");
/** Everything in code style in the first column of a table. */
const named = (heading: string): string[] =>
  tableBelow(page, heading)
    .flatMap(([first]) => codeSpans(first))
    .toSorted();

const image = { image: "example.com/some", version: "1" };
const patches = [{ target: { kind: "ConfigMap", name: "a" }, patch: { type: "MergePatch", content: "{}" } }];
const vrrp = { authPass: "secret", addressLabel: 7, virtualIPs: ["fd00::100/64"] };
/** Together they ask for everything that src/config/unsupported.ts refuses and src/config/warnings.ts warns of. */
const asking = [
  {
    storage: { type: "kine", kine: { dataSource: "nats://localhost" } },
    network: {
      provider: "calico",
      podCIDR: "fd00:244::/108",
      serviceCIDR: "fd01::/108",
      calico: { mode: "bird" },
      kubeProxy: { patches },
      nodeLocalLoadBalancing: { enabled: true, envoyProxy: { image, imagePullPolicy: "Never" } },
      controlPlaneLoadBalancing: {
        enabled: true,
        type: "Keepalived",
        keepalived: {
          vrrpInstances: [vrrp],
          virtualServers: [{ ipAddress: "10.0.0.100" }],
          configTemplateVRRP: "/a",
          configTemplateVS: "/b",
        },
      },
    },
    images: {
      kubeproxy: image,
      pushgateway: image,
    },
    extensions: { storage: { type: "openebs_local_storage" } },
    installConfig: {
      users: {
        etcdUser: "a",
        kineUser: "a",
        konnectivityUser: "a",
        kubeAPIserverUser: "a",
        kubeSchedulerUser: "a",
      },
    },
  },
  { network: { calico: { overlay: "Never" } } },
  { network: { provider: "custom", nodeLocalDNS: { enabled: true } } },
  {
    network: {
      provider: "kuberouter",
      kuberouter: { mtu: 1400, hairpinMode: false },
      nodeLocalLoadBalancing: {
        enabled: true,
        type: "Traefik",
        traefik: { image, imagePullPolicy: "Never" },
      },
    },
  },
];

/** As a start would read them, mistakes between fields aside. */
const configOf = (spec: object) =>
  checkClusterConfig({ spec }, { single: false, dataDir: "/var/lib/k0s", publicAddress: "10.0.0.1" }).config;

describe("k0s.yaml", () => {
  const rows = read("docs/configuration.md")
    .split("\n")
    .filter((line) => line.startsWith("| `"));

  test("each field of upstream is here, and one that upstream does not have is named", () => {
    const fields = rows
      .flatMap((row) => codeSpans(row).slice(0, 1))
      .filter((field) => !field.startsWith("spec."));
    expect(upstreamFields.filter((field) => !fields.includes(field))).toEqual([]);
    const more = fields.filter((field) => !upstreamFields.includes(field));
    const heading = "Fields that upstream does not have";
    // With the first of them the section gets a table like that of commands.
    const told = page.includes(`### ${heading}\n\nNone.`) ? [] : named(heading);
    expect(told).toEqual(more.toSorted());
  });

  test("defaults that differ are named with what they are here", () => {
    const here = new Map(
      rows.map((row) => {
        const [field = "", , value = ""] = row.split(" | ");
        return [codeSpans(field)[0] ?? "", codeSpans(value)[0] ?? "–"];
      }),
    );
    const different = Object.entries(upstreamDefaults)
      .filter(([field, value]) => here.get(field) !== value)
      .map(([field, value]) => [field, value, here.get(field)]);
    const shown = tableBelow(page, "Defaults that differ").map((cells) =>
      cells.slice(0, 3).map((cell) => codeSpans(cell)[0] ?? cell),
    );
    expect(shown).toEqual(different as string[][]);
  });

  const fieldsOf = (found: readonly { readonly path: readonly (string | number)[] }[]): string[] =>
    found.map(({ path }) => path.slice(1).join("."));
  const refused = asking.flatMap((spec) => fieldsOf(unsupportedFeatures(configOf(spec))));
  const warned = asking.flatMap((spec) => fieldsOf(configWarnings(configOf(spec))));

  test("fields that are refused are named", () => {
    expect(named("Fields that are refused")).toEqual([...new Set(refused)].toSorted());
  });

  test("fields that have a warning are named", () => {
    expect(named("Fields that have a warning")).toEqual([...new Set(warned)].toSorted());
  });

  test("the configurations above ask for everything that is refused or warned of", () => {
    const written = (file: string): number | undefined => read(file).match(/\bonly\(/g)?.length;
    // A loop over two kinds; the function itself is counted, too.
    expect([written("src/config/unsupported.ts"), new Set(refused).size]).toEqual([15, 15]);
    // Loops over two kinds and five users.
    expect([written("src/config/warnings.ts"), new Set(warned).size]).toEqual([5, 10]);
  });
});

test("entries of the data directory that upstream does not have", () => {
  const more = dataDirEntries.filter((entry) => !upstreamDataDirEntries.includes(entry));
  expect(named("Entries of the data directory that upstream does not have")).toEqual(more.toSorted());
});

test("a user that upstream does not have", () => {
  const more = controlPlaneUsers.filter((user) => !upstreamUsers.includes(user));
  expect(named("Users").filter((name) => name !== "keepalived")).toEqual(more);
});

test("a port that is not upstream's is named, and those on the loopback alone are where the page says", () => {
  const disabledComponents = new Set<string>();
  const controller = {
    single: false,
    disabledComponents,
    kubeControllerManagerExtraArgs: {},
    k0sCloudProvider: { port: 10_258 },
  };
  const worker = { disabledComponents, profile: "default", kubeletExtraArgs: {}, criSocket: undefined };
  const ports = [{}, ...asking]
    .map(configOf)
    .flatMap((config) => [
      ...portsOf(controllerRole, { ...controller, config }),
      ...portsOf(workerRole, workerFactsOf(config, worker)),
      ...laterPortsOf([...controllerRole, ...workerRole], config),
    ]);
  const placeOf = ({ address, port }: (typeof ports)[number]): string => `${address ?? "*"}:${port}`;
  const more = ports.filter(({ port }) => !upstreamPorts.includes(port)).map(placeOf);
  expect(more.filter((place) => !named("Ports").includes(place))).toEqual([]);
  const listening = ports.map(placeOf);
  for (const place of named("Ports")) expect(listening).toContain(place);
});

test("labels and annotations that upstream does not have", () => {
  const files = [...new Bun.Glob("src/**/*.ts").scanSync(top)].filter((file) => !file.endsWith(".test.ts"));
  const keys = files.flatMap((file) =>
    [...read(file).matchAll(/"((?:[a-z]+\.)?k0s(?:project|\.k0sproject)\.io\/[a-z-]+)"/g)].map(
      ([, key = ""]) => key,
    ),
  );
  const more = [...new Set(keys)].filter((key) => !upstreamKeys.includes(key));
  expect(named("Labels, annotations and extensions that upstream does not have")).toEqual(more.toSorted());
  for (const key of upstreamKeys) expect(page).toContain(`\`${key}\``);
});

test("fields of the status that upstream does not have", () => {
  const [, more = ""] = /\/\/ Ours\.\n([\s\S]*?)\n\}/.exec(read("src/status/protocol.ts")) ?? [];
  const fields = [...more.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name);
  expect(fields.length).toBeGreaterThan(3);
  const line = page.split("\n").find((text) => text.startsWith("Fields that upstream does not have: ")) ?? "";
  expect(codeSpans(line.split(". ")[0])).toEqual(fields as string[]);
});
