import { expect, test } from "bun:test";
import { parseClusterConfig } from "../../config/load.ts";
import { securityOf } from "../../config/security.ts";
import { parseYaml } from "../../std/yaml.ts";
import { admissionConfiguration } from "./admission-config.ts";
import { defaultAuditPolicy } from "./audit-policy.ts";

const node = { single: false, dataDir: "/d", publicAddress: "192.0.2.1" };
const spec = { hardening: "cis", security: { admissionConfigFile: "/etc/k0s/admission.yaml" } };
const security = securityOf(parseClusterConfig(JSON.stringify({ spec }), node).config);

interface Plugins {
  readonly plugins: readonly {
    readonly name: string;
    readonly path?: string;
    readonly configuration?: object;
  }[];
}

test("the user's plug-ins win over those of the same name, with paths from their file on", () => {
  const own = `{apiVersion: apiserver.config.k8s.io/v1, kind: AdmissionConfiguration, plugins: [{name: PodSecurity, path: pods.yaml}, {name: ImagePolicyWebhook, path: /x.yaml}]}`;
  const { plugins } = parseYaml(admissionConfiguration(security, own), { source: "test" }) as Plugins;
  expect(plugins.map(({ name, path }) => [name, path])).toEqual([
    ["EventRateLimit", undefined],
    ["PodSecurity", "/etc/k0s/pods.yaml"],
    ["ImagePolicyWebhook", "/x.yaml"],
  ]);
});

test("levels, exemptions and limits are those of the configuration", () => {
  const podSecurity = {
    enforce: "baseline",
    audit: "privileged",
    warn: "restricted",
    exemptNamespaces: ["lab"],
    exemptUsernames: ["builder"],
    exemptRuntimeClasses: ["kata"],
  };
  const limits = [{ type: "Namespace", qps: 7, burst: 9, cacheSize: 11 }];
  const asked = { security: { podSecurity, eventRateLimit: { enabled: true, limits } } };
  const effective = securityOf(parseClusterConfig(JSON.stringify({ spec: asked }), node).config);
  const { plugins } = parseYaml(admissionConfiguration(effective, undefined), { source: "test" }) as Plugins;
  expect(plugins.map(({ configuration }) => configuration)).toMatchObject([
    {
      defaults: { enforce: "baseline", audit: "privileged", warn: "restricted" },
      exemptions: {
        namespaces: ["kube-system", "lab"],
        usernames: ["builder"],
        runtimeClasses: ["kata"],
      },
    },
    { limits },
  ]);
});

test("another kind of file is refused", () => {
  expect(() => admissionConfiguration(security, "kind: Policy")).toThrow(
    "has kind Policy, not AdmissionConfiguration",
  );
});

test("no rule of the audit policy logs bodies but that of roles", () => {
  const { rules } = parseYaml(defaultAuditPolicy(), { source: "test" }) as {
    rules: { level: string; resources?: { group: string }[] }[];
  };
  const withBodies = rules.filter(({ level }) => level !== "None" && level !== "Metadata");
  expect(withBodies.map(({ level, resources }) => [level, resources?.map(({ group }) => group)])).toEqual([
    ["Request", ["rbac.authorization.k8s.io"]],
  ]);
  expect(rules.at(-1)).toEqual({ level: "Metadata" });
});
