import { expect, test } from "bun:test";
import { type ClusterConfig, clusterConfigSchema } from "../../config/cluster-config.ts";
import { concerns, liveFields } from "../../config/live-fields.ts";
import type { FollowedField } from "../../config/live-fields.ts";
import { controllerRole } from "../controller.ts";
import { workerRole } from "../worker.ts";
import { plannedChange } from "./config-plan.ts";

const schema = clusterConfigSchema({ single: false, dataDir: "/var/lib/k0s", publicAddress: "192.0.2.1" });
const withSpec = (spec: object): ClusterConfig => schema.parse({ spec });
const plan = (before: object, after: object) => {
  const config = withSpec(before);
  const facts = {
    config,
    single: false,
    disabledComponents: new Set<string>(),
    kubeControllerManagerExtraArgs: {},
  };
  return plannedChange(facts)(config, withSpec(after));
};
const steps = (before: object, after: object): string[] =>
  plan(before, after).steps.map(({ component, role, action }) => `${role} ${component} ${action}`);

test("who does what about a change", () => {
  expect(steps({}, { api: { extraArgs: { "max-requests-inflight": "500" } } })).toEqual([
    "controller kube-apiserver restart",
  ]);
  expect(steps({}, { controllerManager: { extraArgs: { v: "3" } } })).toEqual([
    "controller kube-controller-manager restart",
  ]);
  expect(steps({}, { workerProfiles: [{ name: "a", values: { maxPods: 50 } }] })).toEqual([
    "controller worker-config publish",
    "worker kubelet restart",
  ]);
  expect(steps({}, { network: { kuberouter: { mtu: 1300, autoMTU: false } } })).toEqual([
    "controller network-provider apply",
  ]);
  expect(steps({}, { network: { kubeProxy: { mode: "nftables" } } })).toEqual([
    "controller worker-config publish",
    "worker kube-proxy restart",
  ]);
  expect(steps({}, { network: { nodeLocalDNS: { enabled: true } } })).toEqual([
    "controller worker-config publish",
    "controller coredns apply",
    "worker kubelet restart",
  ]);
  expect(steps({}, { images: { windows: { pause: { version: "9" } } } })).toEqual([
    "controller worker-config publish",
    "controller windows-node apply",
  ]);
  expect(steps({}, { images: { coredns: { version: "1.99.0" } } })).toEqual(["controller coredns apply"]);
  const charts = [{ name: "a", chartname: "r/a", namespace: "default" }];
  expect(steps({}, { extensions: { helm: { charts } } })).toEqual(["controller helm apply"]);
});

test("what cannot change is refused with its path and the reason", () => {
  const refused = (before: object, after: object): readonly string[] =>
    plan(before, after).refused.map(({ field, reason }) => `${field}: ${reason}`);
  expect(refused({}, { api: { port: 7443 } })).toEqual([
    "spec.api.port: each controller's own; another value counts from its next start",
  ]);
  expect(refused({}, { network: { kubeProxy: { disabled: true } } })[0]).toStartWith(
    "spec.network.kubeProxy.disabled: ",
  );
  expect(refused({}, { storage: { type: "kine" } })[0]).toStartWith("spec.storage.type: ");
});

/** Of these a release that has no component for them refuses every value but the default. */
const withoutEffect = ["telemetry"];

test("every field that may change is followed by a component", () => {
  const followed = [...controllerRole, ...workerRole].flatMap(
    ({ follows = {} }) => Object.keys(follows) as FollowedField[],
  );
  const lonely = liveFields().filter(
    (field) => !followed.some((other) => concerns(["spec", ...field.split(".")], other)),
  );
  expect(lonely.filter((field) => !withoutEffect.includes(field))).toEqual([]);
});
