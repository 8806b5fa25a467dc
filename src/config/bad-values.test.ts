// Every field of k0s.yaml with values that it must refuse: the message has line and path, the value, and what is allowed.

import { describe, expect, test } from "bun:test";
import { errorMessage } from "../std/errors.ts";
import { parseClusterConfig } from "./load.ts";
import { pathText } from "./problem.ts";
import { kubeletBounds, kubeletFields } from "./schema/kubelet-fields.ts";
import { badValues, documentOf, leaves, type Placed, sections } from "./testdata/bad-values.ts";

const node = { single: false, dataDir: "/var/lib/k0s", publicAddress: "10.0.0.1" };

/** What is wrong with a document, by `line path`. */
function mistakes(text: string): Map<string, string> {
  try {
    parseClusterConfig(text, { ...node, onlySupported: { featureGates: {} } });
  } catch (err) {
    const lines = errorMessage(err).split("\n");
    return new Map(
      lines.flatMap((one) => {
        const [, line = "", path = ""] = /^k0s\.yaml:(\d+):\d+ +(\S+): /.exec(one) ?? [];
        return line === "" ? [] : [[`${line} ${path}`, one] as const];
      }),
    );
  }
  return new Map();
}

interface Expected {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
  /** Where the mistake is, if it is within the value. */
  readonly wrong?: string;
  readonly says: readonly string[];
}

/** What is missing in the words about a document that holds all of these; `right` is there as well. */
function missing(values: readonly Expected[], right: readonly Placed[] = []): string[] {
  const { text, lines } = documentOf([...right, ...values]);
  const found = mistakes(text);
  return values.flatMap(({ path, value, wrong = pathText(path), says }) => {
    const place = `${lines.get(pathText(path))} ${wrong}`;
    const message = found.get(place);
    if (message === undefined) return [`${place}: nothing about ${JSON.stringify(value)}`];
    return says.filter((words) => !message.includes(words)).map((words) => `${message}  (no ${words})`);
  });
}

/** Their values are in no message. */
function isSecret(path: string): boolean {
  return /authPass|password|dataSource$/.test(path);
}

test("each field: a wrong type, a number out of range, no choice", () => {
  const fields = leaves().map(badValues);
  expect(fields.length).toBeGreaterThan(190);
  expect(fields.filter((bad) => bad.length < 4)).toEqual([]);
  const rounds = Math.max(...fields.map((bad) => bad.length));
  for (let round = 0; round < rounds; round += 1) {
    const values = fields
      .flatMap((bad) => bad.slice(round, round + 1))
      .map(({ path, value, wrong, shows, allows }) => ({
        path,
        value,
        wrong,
        says: [...(isSecret(wrong) ? [] : [shows]), ...allows],
      }));
    expect(missing(values)).toEqual([]);
  }
});

test("a value where a section is, an unknown field in each", () => {
  const all = sections();
  for (const path of all.filter((one) => typeof one.at(-1) === "string"))
    expect(missing([{ path, value: 7, says: ["expected a ", ", got the number 7"] }])).toEqual([]);
  const lists = new Set(all.filter((one) => one.at(-1) === 0).map((one) => pathText(one.slice(0, -1))));
  const mappings = all.filter((path) => !lists.has(pathText(path)));
  const unknown = mappings.map((path) => ({
    path: [...path, "notAField"],
    value: 1,
    says: ["unknown field"],
  }));
  expect(missing(unknown)).toEqual([]);
});

/** Nobody but the one who reads them knows what they may say: any text is taken. */
const freeText: readonly string[] = [
  "spec.images.repository",
  "spec.network.calico.flexVolumeDriverPath",
  "spec.network.calico.ipAutodetectionMethod",
  "spec.network.calico.ipV6AutodetectionMethod",
  "spec.network.controlPlaneLoadBalancing.keepalived.vrrpInstances[0].authPass",
  "spec.network.controlPlaneLoadBalancing.keepalived.vrrpInstances[0].interface",
  "spec.network.kubeProxy.ipvs.scheduler",
  "spec.network.kuberouter.peerRouterASNs",
  "spec.network.kuberouter.peerRouterIPs",
  "spec.security.oidc.clientID",
  "spec.security.oidc.groupsClaim",
  "spec.security.oidc.groupsPrefix",
  "spec.security.oidc.usernameClaim",
  "spec.security.oidc.usernamePrefix",
  "spec.storage.etcd.externalCluster.caFile",
  "spec.storage.etcd.externalCluster.clientCertFile",
  "spec.storage.etcd.externalCluster.clientKeyFile",
  "spec.storage.etcd.externalCluster.etcdPrefix",
];
/** Refused, or taken with a warning, only where the rest is right: config/unsupported.ts, config/warnings.ts. */
const judgedLater = /^spec\.installConfig\.users|\.configTemplateV/;

test("a text that no field of a checked format takes", () => {
  const texts = leaves().filter(({ schema }) => schema.type === "string" && schema.enum === undefined);
  const { text, lines } = documentOf(texts.map(({ path }) => ({ path, value: " %!\t" })));
  const found = mistakes(text);
  const taken = texts
    .map(({ path }) => pathText(path))
    .filter((path) => !found.has(`${lines.get(path)} ${path}`) && !judgedLater.test(path))
    .filter((path) => !/^spec\.(?:extensions\.helm|network\.\w+\.patches|metricsServer\.patches)/.test(path));
  expect(taken.toSorted()).toEqual([...freeText]);
});

test("each field of a worker profile", () => {
  const profile = ["spec", "workerProfiles", 0];
  const right = [{ path: [...profile, "name"], value: "a" }];
  const at = [...profile, "values"];
  const wrong = Object.entries(kubeletFields).flatMap(([kind, names]) =>
    names.map((name) => {
      const value = kind === "boolean" ? "some" : true;
      return { path: [...at, name], value, says: ["expected ", `, got ${JSON.stringify(value)}`] };
    }),
  );
  expect(missing(wrong, right)).toEqual([]);
  const beyond = (side: 0 | 1, by: number): Expected[] =>
    Object.entries(kubeletBounds)
      .filter(([, bounds]) => bounds[side] < 2 ** 40)
      .map(([field, bounds]) => {
        const value = bounds[side] + by;
        return { path: [...at, field], value, says: [`${value} is out of range: ${bounds[0]}`] };
      });
  expect(missing(beyond(0, -1), right)).toEqual([]);
  expect(missing(beyond(1, 1), right)).toEqual([]);
});

describe("pairs that contradict each other", () => {
  const pairs: readonly (readonly [string, string, ...string[]])[] = [
    ["network: {podCIDR: 10.96.0.0/16}", "spec.network.podCIDR", '"10.96.0.0/16"', "outside of it"],
    ["network: {dualStack: {enabled: true}}", "spec.network.dualStack.IPv6podCIDR", "is required"],
    ["network: {podCIDR: 'fd00::/108'}", "spec.network.podCIDR", '"fd00::/108"', "10.96.0.0/12"],
    ["network: {primaryAddressFamily: IPv6}", "spec.network.primaryAddressFamily", "needs an IPv6 address"],
    ["network: {podCIDR: 10.0.0.0/16}", "spec.network.podCIDR", '"10.0.0.0/16" holds 10.0.0.1', "outside"],
    [
      "network: {nodeLocalLoadBalancing: {enabled: true}}, api: {externalAddress: lb}",
      "spec.network.nodeLocalLoadBalancing.enabled",
      "spec.api.externalAddress",
      "choose one",
    ],
    [
      "storage: {etcd: {externalCluster: {endpoints: ['https://a'], etcdPrefix: b, caFile: c}}}",
      "spec.storage.etcd.externalCluster",
      "clientCertFile and clientKeyFile missing",
      "or none",
    ],
    ["workerProfiles: [{name: a}, {name: a}]", "spec.workerProfiles[1].name", '"a"'],
  ];
  for (const [spec, path, ...says] of pairs) {
    test(`${path}: ${spec}`, () => {
      const found = mistakes(`# The first line.\nspec:\n  {${spec}}\n`);
      const message = found.get(`3 ${path}`) ?? [...found.values()].join("\n");
      for (const words of says) expect(message).toContain(words);
    });
  }
});
