import { afterEach, beforeEach, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { unpackTar } from "modern-tar";
import type { KubeClient } from "../../kube/client.ts";
import { nodePaths, type NodePaths } from "../../product/paths.ts";
import { formatLogLine } from "../../std/logfmt.ts";
import { supportBundle, tokenFilesIn } from "./bundle.ts";
import { base64Cores } from "./spellings.ts";

let dir = "";
let paths: NodePaths;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "k0s-bundle-"));
  paths = nodePaths({ dataDir: dir, runDir: join(dir, "run") });
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const write = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};
const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2_048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
const keyLines = privateKey.split("\n").filter((line) => /^[A-Za-z0-9+/=]{16,}$/.test(line));
const token = "abcdef.0123456789abcdef";
/** In the log, too. */
const said = ["of-a-variable", "of-a-secret", token, "of-a-kubeconfig", ...keyLines];
const planted = [...said, "of-an-annotation", "of-a-config-map"];

/** A node that is dead, whose files and log hold all of it, and a cluster whose objects do. */
async function bundle(
  lacks: readonly string[] = ["status"],
  { cluster = api, warned = [] }: { readonly cluster?: Cluster; readonly warned?: readonly string[] } = {},
): Promise<readonly { readonly name: string; readonly text: string }[]> {
  write(join(paths.pkiDir, "ca.key"), privateKey);
  write(paths.adminKubeconfig, `users:\n- user:\n    token: of-a-kubeconfig\n`);
  const words = `${said.join(" ")} ${Buffer.from(said.join("\n")).toString("base64")} ${encodeURIComponent(privateKey)}`;
  write(paths.logFile, formatLogLine(new Date(), "warn", "A line", { words, privateKey }));
  const { archive, missing, warnings } = await supportBundle({
    paths,
    program: "/usr/local/bin/k0s",
    since: 0,
    name: "dir",
    now: new Date(),
    signal: new AbortController().signal,
    client: async () => cluster as KubeClient,
  });
  expect(missing.map(({ part }) => part).toSorted()).toEqual([...lacks]);
  expect(warnings).toEqual([...warned]);
  const entries = await unpackTar(Bun.gunzipSync(Buffer.from(archive)));
  return entries.map(({ header, data }) => ({
    name: header.name,
    text: Buffer.from(data ?? []).toString("latin1"),
  }));
}

const pod = {
  metadata: { name: "a-pod", annotations: { mine: "of-an-annotation" } },
  spec: { containers: [{ args: [`--token=${token}`], env: [{ name: "TOKEN", value: "of-a-variable" }] }] },
  data: { key: "of-a-config-map" },
};
type Cluster = Pick<KubeClient, "raw">;
const api: Cluster = {
  raw: async (path) => {
    if (path.startsWith("/api/v1/secrets"))
      return Response.json({ items: [{ data: { key: btoa("of-a-secret") } }] });
    return /^\/(version|readyz|livez)/.test(path) ? new Response("ok") : Response.json({ items: [pod] });
  },
};

test("no byte of a bundle is of a secret, in clear or in base64, and the rest is there", async () => {
  const files = await bundle();
  const names = files.map(({ name }) => name);
  for (const name of [
    "about.json",
    "versions.json",
    "host/meminfo",
    "host/disks.json",
    "processes.json",
    "certificates.json",
    "cluster/pods.json",
    "cluster/events.json",
    "logs/k0s.log",
    "network/listeners.json",
  ])
    expect(names).toContain(`dir/${name}`);
  for (const { name, text } of files)
    for (const secret of planted)
      for (const form of [secret, encodeURIComponent(secret), ...base64Cores(secret)])
        expect(`${name}: ${text.includes(form) ? form : ""}`).toBe(`${name}: `);
  const all = files.map(({ text }) => text).join("\n");
  expect(all).toContain("a-pod");
  expect(all).toContain('msg="A line"');
  expect(names.filter((name) => name.includes("secret"))).toEqual([]);
}, 60_000);

test("what should hold secrets and is not a file ends no bundle, which says so", async () => {
  mkdirSync(paths.runtimeConfig, { recursive: true });
  const files = await bundle(["configuration", "status"]);
  const about = files.find(({ name }) => name === "dir/about.json")?.text ?? "";
  expect(JSON.parse(about)).toHaveProperty("secretsNotRead", [
    { path: paths.runtimeConfig, why: `${paths.runtimeConfig} is not a regular file` },
  ]);
}, 60_000);

test("secrets of the cluster that could not all be read are those that are looked for, and that is said", async () => {
  const cluster: Cluster = {
    raw: async (path, options) => {
      if (path.startsWith("/api/v1/pods")) throw new Error("a reason");
      if (path.includes("continue=more")) throw new Error("connection refused");
      if (path.startsWith("/api/v1/secrets"))
        return Response.json({
          metadata: { continue: "more" },
          items: [{ data: { key: btoa("of-a-secret") } }],
        });
      return api.raw(path, options);
    },
  };
  const warned = [
    "Secrets of the cluster could not all be looked for: secrets (connection refused); pods (a reason)",
  ];
  const files = await bundle(["status"], { cluster, warned });
  const textOf = (name: string): string => files.find((file) => file.name === `dir/${name}`)?.text ?? "";
  expect(JSON.parse(textOf("about.json"))).toHaveProperty(
    "secretsOfCluster",
    "incomplete: secrets (connection refused); pods (a reason)",
  );
  expect(textOf("logs/k0s.log")).toContain('msg="A line"');
  expect(textOf("logs/k0s.log")).not.toContain("of-a-secret");
}, 60_000);

test("token files are found in command lines and definitions", () => {
  const texts = [
    "--token-file=/etc/a",
    "--token-file",
    "/etc/b",
    `ExecStart="/k0s" worker "--token-file=/etc/c" x`,
  ];
  expect(tokenFilesIn(texts)).toEqual(["/etc/a", "/etc/b", "/etc/c"]);
});
