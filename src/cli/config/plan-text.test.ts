import { expect, test } from "bun:test";
import { configDefaultsFor } from "../../config/cluster-config.ts";
import { parseClusterConfig } from "../../config/load.ts";
import { planChange } from "../../supervisor/config-plan.ts";
import { testIo } from "../core/test-io.ts";
import { objectCode, objectText } from "./plan-text.ts";
import { printPlan } from "./plan.ts";

const node = { single: false, dataDir: "/var/lib/k0s", publicAddress: "10.0.0.1" };
const nobody = { controller: [], worker: [] };
const { config: next } = parseClusterConfig(
  "spec: {network: {nodeLocalLoadBalancing: {enabled: true, traefik: {imagePullPolicy: Never}}}}",
  node,
);
const shown = (show: "diff" | "plan", out: string, before = next): string => {
  const io = testIo();
  printPlan(planChange(nobody, before, next), out, show, io);
  return io.stdout();
};
const field = "spec.network.nodeLocalLoadBalancing.traefik.imagePullPolicy";
const message = "Never is not used: nothing is pulled, the load balancer is part of k0s";

test("fields without effect are shown by diff and plan, also where nothing changes", () => {
  const line = `warning  ${field}: ${message}\n`;
  const same = `The configuration is as the controller runs it.\n${line}`;
  expect([shown("diff", "text"), shown("plan", "text")]).toEqual([same, same]);
  const defaults = configDefaultsFor(node);
  for (const show of ["diff", "plan"] as const) expect(shown(show, "text", defaults)).toEndWith(`\n${line}`);
});

test("and as data, where there are any", () => {
  const warnings = [{ field, message }];
  expect(JSON.parse(shown("diff", "json"))).toEqual({ changes: [], refused: [], warnings });
  expect(JSON.parse(shown("plan", "json"))).toEqual({ changes: [], refused: [], steps: [], warnings });
  const plain = configDefaultsFor(node);
  expect(planChange(nobody, plain, plain)).toEqual({ changes: [], refused: [], steps: [] });
});

test("what keeps the object from being adopted is told line by line, and the exit code says which kind it is", () => {
  const message = "spec.workerProfiles[0].values.maxPodz: unknown\nspec.images.pause: unknown";
  expect(objectText({ message, code: "invalid-config", hint: "Put it right." })).toBe(
    [
      "The ClusterConfig of the cluster is not adopted by this controller:",
      "  spec.workerProfiles[0].values.maxPodz: unknown",
      "  spec.images.pause: unknown",
      "  Put it right.",
      "",
    ].join("\n"),
  );
  const codes = ["invalid-config", "config-failed", "patch-without-effect", "config-refused"];
  expect(codes.map((code) => objectCode({ message, code }))).toEqual([1, 1, 1, 2]);
  expect(objectCode(undefined)).toBe(0);
});
