// `spec.hardening: cis` on a single node: it gets Ready with all its pods, Secrets are encrypted from the first one on, the audit
// log has no body of one, pods and events are limited, and what the checks of the CIS benchmark name is there.

import { describe, expect, test } from "bun:test";
import { cisChecks } from "../harness/cis/checks.ts";
import { cisFactsOf } from "../harness/cis/facts.ts";
import { fieldOf, holds, lookText } from "../harness/cis/look.ts";
import { clusterOfFile } from "../harness/cluster.ts";
import { encryptedWith, filesWith, rawSecretsOfEtcd } from "../harness/raw-secrets.ts";
import { singleNode } from "../harness/single-node.ts";
import type { TestMachine } from "../harness/test-machine.ts";

const marker = "cannot-be-read-4711";
const cluster = clusterOfFile({
  // The benchmark has checks of etcd.
  spec: { hardening: "cis", storage: { type: "etcd" } },
  controllers: [singleNode()],
});
const node = (): TestMachine => cluster.controller;

interface AuditEvent {
  readonly verb: string;
  readonly level: string;
  readonly objectRef?: { readonly resource?: string; readonly name?: string };
  readonly requestObject?: unknown;
  readonly responseObject?: unknown;
}

test("the node is Ready and well, with all its pods", async () => {
  await node().waitFor("good health", () => node().k0s("status"));
  const pods = await node().kubectl("get", "pods", "-A", "-o", "jsonpath={.items[*].status.phase}");
  expect(new Set(pods.split(" "))).toEqual(new Set(["Running"]));
});

describe("Secrets", () => {
  test("lie encrypted in the datastore, every one, from the first on", async () => {
    await node().kubectl("create", "secret", "generic", "hidden", `--from-literal=word=${marker}`);
    await node().kubectl("create", "configmap", "open", `--from-literal=word=${marker}-open`);
    expect(await node().kubectl("get", "secret", "hidden", "-o", "jsonpath={.data.word}")).toBe(btoa(marker));
    const raw = await rawSecretsOfEtcd(node());
    expect([...raw.keys()]).toContain("/registry/secrets/default/hidden");
    for (const value of raw.values())
      expect(value.subarray(0, 27).toString("latin1")).toBe(encryptedWith("key-1"));
    // The search finds what is plain, and not the Secret, nowhere in the files.
    expect(await filesWith(node(), `${marker}-open`, "/var/lib/k0s/etcd")).not.toBe("");
    await node().kubectl("delete", "configmap", "open");
    await node().kubectl(
      "create",
      "secret",
      "generic",
      "hidden-2",
      "--from-literal=word=cannot-be-read-4712",
    );
    expect(await filesWith(node(), "cannot-be-read-4712", "/var/lib/k0s/etcd")).toBe("");
    expect(await filesWith(node(), btoa("cannot-be-read-4712"), "/var/lib/k0s/etcd")).toBe("");
  });

  test("only kube-apiserver may read the keys", async () => {
    const file = "/var/lib/k0s/pki/encryption.yaml";
    expect((await node().ok(["stat", "-c", "%a %U", file])).trim()).toBe("600 kube-apiserver");
  });
});

describe("the audit log", () => {
  const events = async (): Promise<readonly AuditEvent[]> =>
    (await node().readFile("/var/lib/k0s/audit/audit.log"))
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as AuditEvent);

  test("says who did what, and has no body of a Secret", async () => {
    const word = "not-in-the-log-815";
    await node().kubectl("create", "secret", "generic", "logged", `--from-literal=word=${word}`);
    const isIt = ({ verb, objectRef }: AuditEvent): boolean =>
      verb === "create" && objectRef?.resource === "secrets" && objectRef.name === "logged";
    await node().waitFor("the event", async () => (await events()).some(isIt));
    const found = (await events()).find(isIt);
    expect([found?.level, found?.requestObject, found?.responseObject]).toEqual([
      "Metadata",
      undefined,
      undefined,
    ]);
    const text = await node().readFile("/var/lib/k0s/audit/audit.log");
    for (const secret of [word, btoa(word)]) expect(text).not.toContain(secret);
    expect((await node().ok(["stat", "-c", "%a %U", "/var/lib/k0s/audit"])).trim()).toBe(
      "700 kube-apiserver",
    );
  });

  test("has a change of rights in full", async () => {
    await node().kubectl("create", "clusterrole", "audited", "--verb=get", "--resource=pods");
    const isIt = ({ verb, objectRef }: AuditEvent): boolean =>
      verb === "create" && objectRef?.resource === "clusterroles" && objectRef.name === "audited";
    await node().waitFor("the event", async () => (await events()).some(isIt));
    expect((await events()).find(isIt)?.requestObject).toMatchObject({ rules: [{ verbs: ["get"] }] });
  });
});

test("a privileged pod is refused, but in kube-system", async () => {
  const overrides = JSON.stringify({
    spec: {
      containers: [{ name: "p", image: "localhost/k0s/web:1", securityContext: { privileged: true } }],
    },
  });
  const run = ["run", "p", "--image=localhost/k0s/web:1", `--overrides=${overrides}`, "--dry-run=server"];
  const refused = await node().tryKubectl(...run);
  expect(refused.stderr).toContain('violates PodSecurity "baseline:latest"');
  await node().kubectl("-n", "kube-system", ...run);
});

test("each check of the benchmark holds, but for those that the docs explain", async () => {
  const facts = await cisFactsOf(node());
  const found = cisChecks
    .filter(({ looks }) => looks.length > 0)
    .map(({ id, looks }) => [id, holds(looks, facts)] as const);
  const documented = cisChecks
    .filter(({ looks }) => looks.length > 0)
    .map(({ id, open, partly }) => [id, open === undefined || partly === true] as const);
  const differing = found.filter(([, held], index) => held !== documented[index]?.[1]).map(([id]) => id);
  const seen = cisChecks
    .filter(({ id }) => differing.includes(id))
    .map(({ id, looks }) => [id, looks.map(lookText)]);
  expect({
    seen,
    files: differing.length === 0 ? [] : facts.files.filter(({ path }) => path.startsWith("/etc/cni")),
  }).toEqual({
    seen: [],
    files: [],
  });
  expect(fieldOf(facts.kubelet, "protectKernelDefaults")).toBe("true");
});

test("the state of encryption is told", async () => {
  const status = await node().exec(["k0s", "secrets", "status"]);
  expect(status.stdout).toMatch(/^Secrets +encrypted with key-1\n/);
});
