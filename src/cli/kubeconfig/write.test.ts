import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { issueCa, issueLeaf } from "../../pki/issue.ts";
import { parseYaml } from "../../std/yaml.ts";
import { testIo } from "../core/test-io.ts";
import { kubeconfigAdmin, kubeconfigCreate } from "./write.ts";

let dataDir = "";
let config = "";

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "k0s-kubeconfig-"));
  config = join(dataDir, "k0s.yaml");
  await writeFile(config, "spec:\n  api:\n    address: 192.0.2.7\n    externalAddress: api.example.org\n");
  await mkdir(join(dataDir, "pki"));
  const ca = await issueCa({ cn: "kubernetes-ca", expiresMs: 86_400_000, keyType: "p256" });
  const admin = await issueLeaf({
    ca,
    cn: "kubernetes-admin",
    o: ["system:masters"],
    expiresMs: 86_400_000,
    keyType: "p256",
  });
  for (const [name, pair] of Object.entries({ ca, admin })) {
    await writeFile(join(dataDir, "pki", `${name}.crt`), pair.cert);
    await writeFile(join(dataDir, "pki", `${name}.key`), pair.key);
  }
});

afterAll(() => rm(dataDir, { recursive: true }));

// Not root: then the run directory lies in the data directory, and no k0s of this machine is asked.
const io = () => testIo({ root: false });
const paths = () => ({ dataDir, statusSocket: "" });

interface Kubeconfig {
  "current-context": string;
  clusters: { name: string; cluster: { server: string } }[];
  users: { name: string; user: { "client-certificate-data": string } }[];
}

async function create(
  args: string[],
  changes: { groups?: string[]; contextName?: string; expiresAfter?: number } = {},
) {
  const out = io();
  const flags = { ...paths(), config, groups: [], contextName: "k0s", expiresAfter: 3_600_000, ...changes };
  await kubeconfigCreate({ flags, args, io: out });
  return Object.assign(parseYaml(out.stdout()) as Kubeconfig, { warnings: out.stderr() });
}

test("admin: the credentials of the node for use from outside", async () => {
  const out = io();
  await kubeconfigAdmin(paths(), out);
  const parsed = parseYaml(out.stdout()) as Kubeconfig;
  expect(parsed).toMatchObject({
    "current-context": "Default",
    clusters: [{ name: "local" }],
    users: [{ name: "user" }],
  });
});

describe("create", () => {
  test("a certificate for the user, with everything named as asked", async () => {
    const kubeconfig = await create(["jane"], { groups: ["a", "b", "a"], contextName: "work" });
    expect(kubeconfig).toMatchObject({
      "current-context": "work",
      clusters: [{ name: "work", cluster: { server: "https://api.example.org:6443" } }],
      users: [{ name: "jane" }],
    });
    const cert = new X509Certificate(
      Buffer.from(kubeconfig.users[0]!.user["client-certificate-data"], "base64"),
    );
    expect(cert.subject.split("\n").toSorted()).toEqual(["CN=jane", "O=a", "O=b"]);
    expect(cert.verify(new X509Certificate(await readFile(join(dataDir, "pki/ca.crt"))).publicKey)).toBe(
      true,
    );
    expect((await stat(join(dataDir, "pki/jane.key"))).mode & 0o777).toBe(0o640);
    await create(["system:node:x,y"]);
    await create(["system:node:x,y"]);
    const again = await create(["jane"]);
    expect(again.users).not.toEqual(kubeconfig.users);
  });

  test("a certificate that ends with the CA, sooner than asked for, says so", async () => {
    expect((await create(["jane"])).warnings).toBe("");
    expect((await create(["jane"], { expiresAfter: 10 * 86_400_000 })).warnings).toMatch(
      /the certificate ends 20.*Z, sooner than asked for: the cluster's CA ends then/,
    );
  });

  test.each([
    [[""], {}, "username cannot be empty"],
    [["jane"], { contextName: "" }, "context-name cannot be empty"],
    [["jane"], { expiresAfter: 0 }, "must be positive"],
    [["jane"], { groups: ["a", ""] }, "a group cannot be empty"],
    [["../jane"], {}, "slash"],
    [[".."], {}, "cannot be .."],
    [["."], {}, "cannot be ."],
    [["ja\nne"], {}, "control characters"],
    [["j".repeat(201)], {}, "longer than 200 bytes"],
    [["ca"], {}, "belongs to a certificate of k0s itself"],
    [["admin"], {}, "belongs to a certificate of k0s itself"],
  ])("%p is refused", async (args, changes, message) => {
    expect(create(args, changes)).rejects.toThrow(message);
  });

  test.each([
    "apiserver-kubelet-client",
    "front-proxy-client",
    "apiserver-etcd-client",
    "k0s-api",
    "kubelet-serving-ca",
  ])("%s, a certificate of k0s that looks like that of a user, is not replaced", async (name) => {
    const read = (file: string) => readFile(join(dataDir, "pki", file), "utf8");
    const ca = { cert: await read("ca.crt"), key: await read("ca.key") };
    const path = join(dataDir, "pki", `${name}.crt`);
    const own = await issueLeaf({ ca, cn: name, o: [], expiresMs: 86_400_000, keyType: "p256" });
    await writeFile(path, own.cert);
    expect(create([name])).rejects.toThrow("belongs to a certificate of k0s itself");
    await rm(path);
    expect(create([name])).rejects.toThrow("belongs to a certificate of k0s itself");
  });

  test("a certificate of somebody else's authority stays, whatever it says", async () => {
    const ca = await issueCa({ cn: "another-ca", expiresMs: 86_400_000, keyType: "p256" });
    const theirs = await issueLeaf({ ca, cn: "web", o: [], expiresMs: 86_400_000, keyType: "p256" });
    await writeFile(join(dataDir, "pki/web.crt"), theirs.cert);
    expect(create(["web"])).rejects.toThrow("belongs to a certificate of k0s itself");
  });

  test.each(["system:node:x", "jane@example.org", "j.doe", "...", "-x", "Jane Doe"])(
    "%s is a username, twice",
    async (name) => {
      await create([name]);
      expect((await create([name])).users[0]!.name).toBe(name);
    },
  );

  test("without a control plane it says so", async () => {
    const elsewhere = { ...paths(), dataDir: join(dataDir, "none") };
    expect(kubeconfigAdmin(elsewhere, io())).rejects.toThrow(
      "is the control plane initialized on this node?",
    );
  });
});
