import { expect, test } from "bun:test";
import { parseClusterConfig } from "./load.ts";
import { securityOf } from "./security.ts";

const node = { single: false, dataDir: "/d", publicAddress: "192.0.2.1" };
const configured = (spec: object) => parseClusterConfig(JSON.stringify({ spec }), node).config;
const effective = (spec: object) => securityOf(configured(spec));

test("without the fields nothing is on", () => {
  expect(effective({})).toMatchObject({
    cis: false,
    encrypts: false,
    audit: undefined,
    podSecurity: undefined,
    eventLimits: [],
  });
});

test("cis turns on what has a value, and single fields win", () => {
  const all = effective({ hardening: "cis" });
  expect(all).toMatchObject({
    encrypts: true,
    audit: { maxAge: 30, maxBackup: 10, maxSize: 100 },
    podSecurity: { enforce: "baseline", warn: "restricted", exemptNamespaces: ["kube-system"] },
  });
  expect(all.eventLimits.length).toBeGreaterThan(0);
  const security = {
    secretsEncryption: { enabled: false },
    audit: { enabled: false },
    podSecurity: { enforce: "restricted", exemptNamespaces: ["lab"] },
    eventRateLimit: { limits: [{ type: "Server", qps: 7, burst: 9 }] },
  };
  expect(effective({ hardening: "cis", security })).toMatchObject({
    encrypts: false,
    audit: undefined,
    podSecurity: { enforce: "restricted", audit: "restricted", exemptNamespaces: ["kube-system", "lab"] },
    eventLimits: [{ type: "Server", qps: 7, burst: 9 }],
  });
});

test("a file of the user's own for encryption is left alone", () => {
  const api = { extraArgs: { "encryption-provider-config": "/etc/own.yaml" } };
  expect(effective({ hardening: "cis", api }).encrypts).toBe(false);
  const security = { secretsEncryption: { enabled: true } };
  expect(() => effective({ security, api })).toThrow(
    "spec.api.extraArgs has encryption-provider-config for the same thing",
  );
});

test("a file of the user's own for admission would make the fields void, and is refused beside them", () => {
  const api = { extraArgs: { "admission-control-config-file": "/etc/own.yaml" } };
  const refused = "spec.api.extraArgs has admission-control-config-file for the same thing";
  for (const security of [
    { podSecurity: { enforce: "baseline" } },
    { eventRateLimit: { enabled: true } },
    { admissionConfigFile: "/etc/admission.yaml" },
  ])
    expect(() => effective({ security, api })).toThrow(refused);
  expect(() => effective({ hardening: "cis", api })).toThrow(refused);
  expect(effective({ api }).cis).toBe(false);
});

test("a policy or a log of the user's own beside the audit of k0s is refused", () => {
  const api = { extraArgs: { "audit-policy-file": "/etc/policy.yaml" } };
  expect(() => effective({ security: { audit: { enabled: true } }, api })).toThrow("audit-policy-file");
  expect(effective({ hardening: "cis", api }).audit).toBeDefined();
});

test("two ways to log in that kube-apiserver does not take together are refused", () => {
  const oidc = { issuerURL: "https://id.example", clientID: "k" };
  expect(() => effective({ security: { oidc, authenticationConfigFile: "/etc/a.yaml" } })).toThrow(
    "takes either this or authenticationConfigFile",
  );
  expect(() => effective({ security: { oidc }, api: { extraArgs: { "oidc-client-id": "x" } } })).toThrow(
    "for the same thing",
  );
});
