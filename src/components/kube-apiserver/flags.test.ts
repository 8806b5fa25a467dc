import { expect, test } from "bun:test";
import { clusterConfigSchema } from "../../config/cluster-config.ts";
import { nodePaths } from "../../product/paths.ts";
import { kubeApiserverArgs } from "./flags.ts";
import { nothingFound } from "./security-flags.ts";

function argsWith(konnectivity: boolean, extraArgs: Record<string, string> = {}): string[] {
  const config = clusterConfigSchema({ single: false, dataDir: "/d", publicAddress: "192.0.2.1" }).parse({
    spec: { api: { extraArgs } },
  });
  return kubeApiserverArgs({
    config,
    paths: nodePaths({ dataDir: "/d" }),
    logLevel: "1",
    konnectivity,
    foreignEndpoints: false,
    stopTimeoutMs: 10_000,
  });
}

test("a kubelet is known by its own authority, everybody else by the cluster's", () => {
  const args = argsWith(true);
  expect(args).toContain("--kubelet-certificate-authority=/d/pki/kubelet-serving-bundle.crt");
  expect(args).toContain("--client-ca-file=/d/pki/ca.crt");
});

test("through tunnels webhooks are reached at their pods, without any as everybody reaches a Service", () => {
  const routing = (args: readonly string[]): readonly string[] =>
    args.filter((arg) => arg.startsWith("--enable-aggregator-routing"));
  expect(routing(argsWith(true))).toEqual(["--enable-aggregator-routing=true"]);
  expect(routing(argsWith(false))).toEqual([]);
  expect(routing(argsWith(true, { "enable-aggregator-routing": "false" }))).toEqual([
    "--enable-aggregator-routing=false",
  ]);
});

function secured(security: object, found = nothingFound): string[] {
  const config = clusterConfigSchema({ single: false, dataDir: "/d", publicAddress: "192.0.2.1" }).parse({
    spec: { security },
  });
  const paths = nodePaths({ dataDir: "/d" });
  const facts = { logLevel: "1", konnectivity: false, foreignEndpoints: false, stopTimeoutMs: 10_000 };
  return kubeApiserverArgs({ config, paths, ...facts, found });
}

test("files for log-in take the place of the flags that kube-apiserver does not take beside them", () => {
  const args = secured(
    { authenticationConfigFile: "/etc/a.yaml", authorizationConfigFile: "/etc/b.yaml" },
    { encrypts: false, namesAnonymous: true },
  );
  expect(args).toContain("--authentication-config=/etc/a.yaml");
  expect(args).toContain("--authorization-config=/etc/b.yaml");
  expect(args.filter((arg) => /^--(anonymous-auth|authorization-mode)=/.test(arg))).toEqual([]);
  expect(secured({ authenticationConfigFile: "/etc/a.yaml" })).toContain("--anonymous-auth=false");
});

test("one issuer of tokens, as flags", () => {
  const oidc = {
    issuerURL: "https://id.example",
    clientID: "k",
    usernameClaim: "email",
    usernamePrefix: "-",
    groupsClaim: "groups",
    groupsPrefix: "id:",
    requiredClaims: { team: "a", site: "b" },
    signingAlgs: ["RS256", "ES256"],
    caFile: "/etc/id.pem",
  };
  expect(secured({ oidc }).filter((arg) => arg.startsWith("--oidc-"))).toEqual([
    "--oidc-ca-file=/etc/id.pem",
    "--oidc-client-id=k",
    "--oidc-groups-claim=groups",
    "--oidc-groups-prefix=id:",
    "--oidc-issuer-url=https://id.example",
    "--oidc-required-claim=team=a,site=b",
    "--oidc-signing-algs=RS256,ES256",
    "--oidc-username-claim=email",
    "--oidc-username-prefix=-",
  ]);
  const { issuerURL, clientID } = oidc;
  const least = secured({ oidc: { issuerURL, clientID } });
  expect(least.filter((arg) => arg.startsWith("--oidc-"))).toHaveLength(2);
});

test("the audit log, as flags", () => {
  const audit = { enabled: true, policyFile: "/etc/p.yaml", logFile: "/var/log/a.log" };
  const rotation = { maxAge: 3, maxBackup: 4, maxSize: 5 };
  expect(secured({ audit: { ...audit, ...rotation } }).filter((arg) => arg.startsWith("--audit-"))).toEqual([
    "--audit-log-maxage=3",
    "--audit-log-maxbackup=4",
    "--audit-log-maxsize=5",
    "--audit-log-path=/var/log/a.log",
    "--audit-policy-file=/etc/p.yaml",
  ]);
  expect(secured({ audit: { enabled: false } }).filter((arg) => arg.startsWith("--audit-"))).toEqual([]);
});

test("the keys of Secrets are read again when their file changes", () => {
  const args = secured({}, { encrypts: true, namesAnonymous: false });
  expect(args).toContain("--encryption-provider-config=/d/pki/encryption.yaml");
  expect(args).toContain("--encryption-provider-config-automatic-reload=true");
  expect(secured({}).filter((arg) => arg.includes("encryption"))).toEqual([]);
});

test("no other file of keys can be given while Secrets are encrypted by k0s", () => {
  const config = clusterConfigSchema({ single: false, dataDir: "/d", publicAddress: "192.0.2.1" }).parse({
    spec: { api: { extraArgs: { "encryption-provider-config": "/etc/own.yaml" } }, hardening: "cis" },
  });
  const args = (encrypts: boolean): string[] =>
    kubeApiserverArgs({
      config,
      paths: nodePaths({ dataDir: "/d" }),
      logLevel: "1",
      konnectivity: false,
      foreignEndpoints: false,
      stopTimeoutMs: 10_000,
      found: { ...nothingFound, encrypts },
    });
  expect(args(false)).toContain("--encryption-provider-config=/etc/own.yaml");
  expect(() => args(true)).toThrow("while Secrets are encrypted by k0s");
});
