// Files that spec.security names, each with one mistake: told by file, line and field before anything is changed.

import { dumpYaml } from "../../../src/std/yaml.ts";
import type { TestMachine } from "../../harness/test-machine.ts";
import type { BadCase } from "./bad-case.ts";

const dir = "/etc/k0s-security";
const file = `${dir}/named.yaml`;
const configuration = "/root/named-config.yaml";
const group = "apiVersion: apiserver.config.k8s.io/v1\n";

function named(name: string, security: object, text: string, ...says: BadCase["says"]): BadCase {
  return {
    name: `named file: ${name}`,
    args: ["--config", configuration],
    prepare: (machine) => written(machine, security, text),
    says,
  };
}

async function written(
  machine: TestMachine,
  security: object,
  text: string,
): Promise<() => Promise<unknown>> {
  const config = { apiVersion: "k0s.k0sproject.io/v1beta1", kind: "ClusterConfig", spec: { security } };
  await machine.ok(["mkdir", "-p", dir]);
  await machine.writeFile(file, text, 0o644);
  await machine.writeFile(configuration, dumpYaml(config), 0o600);
  return () => machine.ok(["rm", "-r", dir, configuration]);
}

export const namedFileCases: readonly BadCase[] = [
  named(
    "an issuer without https",
    { authenticationConfigFile: file },
    `${group}kind: AuthenticationConfiguration\njwt:\n- issuer:\n    url: http://id.example\n    audiences: [k0s]\n  claimMappings: { username: { claim: sub, prefix: "" } }\n`,
    `${file}:5:10  jwt[0].issuer.url: "http://id.example" is not an https:// URL`,
    "spec.security.authenticationConfigFile",
  ),
  named(
    "authorizers without RBAC, and a field that is misspelt",
    { authorizationConfigFile: file },
    `${group}kind: AuthorizationConfiguration\nauthorizers:\n- type: Node\n  nam: node\n`,
    `${file} has 2 mistakes:`,
    `${file}:5:3  authorizers[0].nam: unknown field; did you mean "name"?`,
  ),
  named(
    "a webhook whose kubeconfig is not there",
    { authorizationConfigFile: file },
    `${group}kind: AuthorizationConfiguration\nauthorizers:\n- { type: Node, name: node }\n- { type: RBAC, name: rbac }\n- type: Webhook\n  name: hook\n  webhook:\n    timeout: 3s\n    subjectAccessReviewVersion: v1\n    failurePolicy: Deny\n    connectionInfo: { type: KubeConfigFile, kubeConfigFile: /etc/no-hook.conf }\n`,
    `${file}:12:61  authorizers[2].webhook.connectionInfo.kubeConfigFile: /etc/no-hook.conf cannot be read: ENOENT`,
  ),
  named(
    "an audit policy with a level that is none",
    { audit: { enabled: true, policyFile: file } },
    "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Everything\n",
    `${file}:4:10  rules[0].level: "Everything" is not None, Metadata, Request or RequestResponse`,
    "spec.security.audit.policyFile",
  ),
  named(
    "an audit log where kube-apiserver may not write",
    { audit: { enabled: true, logFile: "/etc/k0s-security/audit.log" } },
    "",
    "/etc/k0s-security/audit.log (spec.security.audit.logFile) cannot be written",
    "chmod 0770 /etc/k0s-security",
  ),
  named(
    "settings of a plug-in that are not there",
    { admissionConfigFile: file },
    `${group}kind: AdmissionConfiguration\nplugins:\n- name: PodSecurity\n  path: pods.yaml\n`,
    `${file}:5:9  plugins[0].path: ${dir}/pods.yaml cannot be read: ENOENT`,
  ),
  named(
    "an authority of an issuer that is no certificate",
    { oidc: { issuerURL: "https://id.example", clientID: "k0s", caFile: file } },
    "nothing of the kind\n",
    `${file} (spec.security.oidc.caFile) holds no certificate in PEM`,
  ),
  named(
    "no YAML at all",
    { authenticationConfigFile: file },
    `${group}kind: [\n`,
    new RegExp(`${file}:\\d+:\\d+  `),
  ),
];
