// What may not get lost whatever becomes of the argument lists: said by intent, for every case of testdata/process-cases.ts.

import { expect, test } from "bun:test";
import { lastFlagValue } from "../../std/flags.ts";
import { parseYaml } from "../../std/yaml.ts";
import { allNodes } from "./testdata/all-nodes.ts";
import type { MadeNode } from "./testdata/made-node.ts";
import { password } from "./testdata/process-cases.ts";
import { nodeFiles } from "./testdata/process-files.ts";

const nodes = await allNodes();
const files = [...nodes.values()].flatMap(nodeFiles);
const kubeletConfigurations = files
  .filter(([folder, kind]) => folder === "src/components/kubelet" && kind === "config.yaml")
  .map(([, , text]) => parseYaml(text) as KubeletConfiguration);

/** The value that counts, in every case that has the process. */
function expectFlag(process: string, flag: string, wanted: string | ((node: MadeNode) => string)): void {
  const having = [...nodes].filter(([, { processes }]) => processes.has(process));
  expect(having).not.toEqual([]);
  for (const [name, node] of having) {
    const value = lastFlagValue(node.processes.get(process)?.args ?? [], flag);
    expect([name, flag, value]).toEqual([name, flag, typeof wanted === "string" ? wanted : wanted(node)]);
  }
}

interface KubeletConfiguration {
  readonly authentication: { anonymous: object; webhook: object; x509: object };
  readonly authorization: object;
  readonly readOnlyPort?: number;
  readonly tlsMinVersion: string;
  readonly tlsCipherSuites: readonly string[];
  readonly serverTLSBootstrap: boolean;
}

const inPki =
  (name: string) =>
  ({ options }: MadeNode): string =>
    `${options.paths.pkiDir}/${name}`;

test("nobody is let in without a name", () => {
  expectFlag("kube-apiserver", "anonymous-auth", "false");
  for (const { authentication, readOnlyPort = 0 } of kubeletConfigurations)
    expect([authentication.anonymous, readOnlyPort]).toEqual([{ enabled: false }, 0]);
});

test("the API decides by RBAC, a node touches its own objects only, and kubelet asks the API", () => {
  expectFlag("kube-apiserver", "authorization-mode", "Node,RBAC");
  for (const { processes } of nodes.values()) {
    const args = processes.get("kube-apiserver")?.args;
    if (args === undefined) continue;
    expect(lastFlagValue(args, "enable-admission-plugins")?.split(",")).toContain("NodeRestriction");
  }
  expectFlag("kube-controller-manager", "use-service-account-credentials", "true");
  for (const { authentication, authorization } of kubeletConfigurations)
    expect([authentication.webhook, authorization]).toEqual([{ enabled: true }, { mode: "Webhook" }]);
});

test("clients show a certificate, each kind one of its own authority", () => {
  expectFlag("kube-apiserver", "client-ca-file", inPki("ca.crt"));
  expectFlag("kube-apiserver", "requestheader-client-ca-file", inPki("front-proxy-ca.crt"));
  expectFlag("kube-apiserver", "requestheader-allowed-names", "front-proxy-client");
  expectFlag("kube-controller-manager", "client-ca-file", inPki("ca.crt"));
  for (const prefix of ["", "peer-"]) {
    expectFlag("etcd", `${prefix}client-cert-auth`, "true");
    expectFlag("etcd", `${prefix}trusted-ca-file`, inPki("etcd/ca.crt"));
  }
  for (const { authentication } of kubeletConfigurations)
    expect(authentication.x509).toEqual({ clientCAFile: "/run/k0s/kubelet/ca.crt" });
});

test("the API knows a kubelet by the authority of kubelets, which signs nothing else", () => {
  expectFlag("kube-apiserver", "kubelet-certificate-authority", inPki("kubelet-serving-bundle.crt"));
  const signer = "cluster-signing-kubelet-serving";
  expectFlag("kube-controller-manager", `${signer}-cert-file`, inPki("kubelet-serving-ca.crt"));
  expectFlag("kube-controller-manager", `${signer}-key-file`, inPki("kubelet-serving-ca.key"));
  for (const { serverTLSBootstrap } of kubeletConfigurations) expect(serverTLSBootstrap).toBe(true);
});

test("TLS is 1.2 or newer, with forward secrecy and authenticated encryption", () => {
  const good = /^TLS_ECDHE_(ECDSA|RSA)_WITH_(AES_\d+_GCM_SHA\d+|CHACHA20_POLY1305_SHA256)$/;
  const expectGood = (suites: readonly string[]): void => {
    expect(suites).not.toEqual([]);
    expect(suites.filter((suite) => !good.test(suite))).toEqual([]);
  };
  const of = (args: readonly string[], flag: string): string => lastFlagValue(args, flag) ?? "";
  for (const { processes } of nodes.values()) {
    const api = processes.get("kube-apiserver")?.args;
    if (api !== undefined) expectGood(of(api, "tls-cipher-suites").split(","));
    const tunnels = processes.get("konnectivity")?.args;
    if (tunnels !== undefined) expectGood(of(tunnels, "cipher-suites").split(","));
    const etcd = processes.get("etcd")?.args;
    // The suites of 1.3 cannot be chosen, and are all of this kind.
    if (etcd === undefined || of(etcd, "tls-min-version") === "TLS1.3") continue;
    expect(of(etcd, "tls-min-version")).toBe("TLS1.2");
    expectGood(of(etcd, "cipher-suites").split(","));
  }
  expectFlag("kube-apiserver", "tls-min-version", "VersionTLS12");
  for (const { tlsMinVersion, tlsCipherSuites } of kubeletConfigurations) {
    expect(tlsMinVersion).toBe("VersionTLS12");
    expectGood(tlsCipherSuites);
  }
});

test("nobody can look into a process of the control plane", () => {
  for (const process of ["kube-apiserver", "kube-controller-manager", "kube-scheduler"])
    expectFlag(process, "profiling", "false");
  expectFlag("etcd", "enable-pprof", "false");
  expectFlag("konnectivity", "enable-profiling", "false");
});

test("what only this host needs is on its loopback or on a socket", () => {
  for (const process of ["kube-controller-manager", "kube-scheduler"])
    expectFlag(process, "bind-address", "127.0.0.1");
  expectFlag("etcd", "listen-client-urls", "https://127.0.0.1:2379");
  expectFlag("kine", "listen-address", "unix:///run/k0s/kine/kine.sock:2379");
  expectFlag("konnectivity", "server-port", "0");
  expectFlag("konnectivity", "health-bind-address", "localhost");
  for (const { processes } of nodes.values()) {
    const metrics = lastFlagValue(processes.get("kine")?.args ?? [], "metrics-bind-address");
    // The case `kine-args` has switched them off.
    expect(["127.0.0.1:2380", "0", undefined]).toContain(metrics);
  }
});

test("etcd alone looks for the prefix of its variables, all others get them without", () => {
  const all = [...nodes.values()].flatMap(({ processes }) => [...processes.values()]);
  const keeping = all.filter(({ keepsPrefix }) => keepsPrefix === true).map(({ name }) => name);
  expect([...new Set(keeping)]).toEqual(["etcd"]);
});

test("the control plane runs as users of its own, which can gain no rights", () => {
  const ofWorker = new Set(["containerd", "kubelet", "kube-proxy"]);
  const all = [...nodes.values()].flatMap(({ processes }) => [...processes.values()]);
  for (const { name, user, noNewPrivs } of all.filter((process) => !ofWorker.has(process.name)))
    expect([name, (user?.uid ?? 0) > 0, noNewPrivs]).toEqual([name, true, true]);
});

test("a password is in no argument, no variable of the environment, no file of a component", () => {
  expect(files.filter(([, , text]) => text.includes(password))).toEqual([]);
});
