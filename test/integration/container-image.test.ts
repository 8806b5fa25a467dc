// The container image of k0s, made of the file under test and unpacked as the root of a machine: its entry point and a
// controller in it.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildContainerImage } from "../../build/release/container-image.ts";
import { hostPlatform } from "../../build/platform.ts";
import { openImageArchive } from "../../src/oci/archive-reader.ts";
import { manifestSchema } from "../../src/oci/image.ts";
import { run } from "../../src/os/exec.ts";
import { k0sVersion } from "../../src/product/versions.ts";
import { silentProgress } from "../../src/std/progress.ts";
import { startNetwork, type TestMachine, type TestNetwork } from "../harness/test-machine.ts";

const k0s = join(import.meta.dir, "../../dist/k0s");
const { signal } = new AbortController();
let dir = "";
let config: ImageConfig;
let network: TestNetwork;
let machine: TestMachine;

interface ImageConfig {
  readonly config: {
    readonly Env: readonly string[];
    readonly Entrypoint: readonly string[];
    readonly Cmd: readonly string[];
    readonly Volumes: object;
    readonly Labels: object;
  };
}

function makeImage(output: string): Promise<{ readonly ref: string }> {
  const platform = hostPlatform();
  return buildContainerImage({
    k0s,
    version: k0sVersion,
    platform,
    repository: "registry.example/k0s",
    output,
    signal,
    report: silentProgress,
  });
}

/** As a container engine does it; returns the image's configuration. */
async function unpack(archivePath: string, root: string): Promise<ImageConfig> {
  await using archive = await openImageArchive(archivePath, signal);
  const read = async (digest: string): Promise<Uint8Array> => {
    const blob = await archive.openBlob(digest);
    if (blob === undefined) throw new Error(`the archive has no ${digest}`);
    return new Uint8Array(await new Response(blob.stream()).arrayBuffer());
  };
  const text = async (digest: string): Promise<unknown> =>
    JSON.parse(new TextDecoder().decode(await read(digest)));
  const manifest = manifestSchema.parse(await text(archive.images[0]?.manifestDigest ?? ""));
  await mkdir(root);
  for (const layer of manifest.layers) {
    const stored = await read(layer.digest);
    const tar = layer.mediaType.endsWith("+zstd") ? await Bun.zstdDecompress(stored) : stored;
    const { code, stderr } = await run("tar", ["-xpC", root, "--numeric-owner"], { input: tar });
    if (code !== 0) throw new Error(`tar: ${stderr}`);
  }
  return (await text(manifest.config.digest)) as ImageConfig;
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-container-image-"));
  const { ref } = await makeImage(join(dir, "image.tar"));
  expect(ref).toBe(`registry.example/k0s:${k0sVersion.replace("+", "-")}`);
  config = await unpack(join(dir, "image.tar"), join(dir, "root"));
  network = await startNetwork();
  machine = await network.machine({ root: { kind: "directory", path: join(dir, "root") }, k0s: false });
}, 600_000);

afterAll(async () => {
  await network.destroy();
  await rm(dir, { recursive: true, force: true });
}, 300_000);

const env = (): Record<string, string> =>
  Object.fromEntries(config.config.Env.map((entry) => entry.split(/=(.*)/s).slice(0, 2) as [string, string]));
const entry = async (args: readonly string[], more: Record<string, string> = {}) =>
  machine.exec([...config.config.Entrypoint, ...args], { env: { ...env(), ...more } });

test("the same file gives the same bytes", async () => {
  await makeImage(join(dir, "again.tar"));
  const [one, other] = await Promise.all(["image.tar", "again.tar"].map((name) => readFile(join(dir, name))));
  expect(other?.equals(one ?? Buffer.alloc(0))).toBe(true);
  await rm(join(dir, "again.tar"));
});

test("it says how it is run", () => {
  expect(config.config).toMatchObject({
    Entrypoint: ["/entrypoint.sh"],
    Cmd: ["k0s", "controller", "--enable-worker"],
    Volumes: { "/var/lib/k0s": {}, "/var/log/pods": {} },
    Labels: { "org.opencontainers.image.version": k0sVersion },
  });
  expect(config.config.Env).toContain("KUBECONFIG=/var/lib/k0s/pki/admin.conf");
});

test("k0s version", async () => {
  expect(await entry(["k0s", "version"])).toMatchObject({ code: 0, stdout: `${k0sVersion}\n` });
});

test("K0S_CONFIG becomes a file, and no variable of the entry point reaches the command", async () => {
  const secret = "# password: $HOME 'quoted'\nspec: {}\n";
  const given = { K0S_CONFIG: secret, K0S_ENTRYPOINT_QUIET: "1", K0S_ENTRYPOINT_ROLE: "worker", KEPT: "1" };
  const { code, stdout, stderr } = await entry(["env"], given);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toContain("KEPT=1\n");
  expect(stdout).not.toMatch(/K0S_CONFIG|K0S_ENTRYPOINT/);
  expect(await machine.readFile("/etc/k0s/config.yaml")).toBe(secret);
  expect((await machine.sh("stat -c %a /etc/k0s/config.yaml")).stdout).toBe("600\n");
});

test("without a command, and for help, it explains itself", async () => {
  expect(await entry(["--help"])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("K0S_ENTRYPOINT_ROLE"),
  });
  expect(await entry([])).toMatchObject({ code: 1, stdout: "" });
});

test("pods reach Docker's name server: the rules are those of Docker, for more senders", async () => {
  // What Docker sets up in a container of a network of its own.
  const rules = `*nat
:DOCKER_OUTPUT - [0:0]
:DOCKER_POSTROUTING - [0:0]
-A OUTPUT -d 127.0.0.11/32 -j DOCKER_OUTPUT
-A POSTROUTING -d 127.0.0.11/32 -j DOCKER_POSTROUTING
-A DOCKER_OUTPUT -d 127.0.0.11/32 -p udp -m udp --dport 53 -j DNAT --to-destination 127.0.0.11:41234
-A DOCKER_POSTROUTING -s 127.0.0.11/32 -p udp -m udp --sport 41234 -j SNAT --to-source :53
COMMIT
`;
  await machine.ok(["iptables-nft-restore"], { input: rules });
  await machine.ok(["ip", "route", "add", "default", "via", "10.200.0.1"]);
  const docker = "search example\nnameserver 127.0.0.11\noptions ndots:0\n";
  const written = (await machine.sh("cat /etc/resolv.conf")).stdout;
  await machine.writeFile("/etc/resolv.conf", docker);

  // Not for a controller, which has no pods.
  await entry(["true"], { K0S_ENTRYPOINT_ROLE: "controller" });
  expect(await machine.readFile("/etc/resolv.conf")).toBe(docker);
  const { code, stderr } = await entry(["true"], { K0S_ENTRYPOINT_ROLE: "worker" });
  expect(stderr).toContain("pods reach Docker's name server as 10.200.0.1");
  expect(code).toBe(0);
  expect(await machine.readFile("/etc/resolv.conf")).toBe(docker.replace("127.0.0.11", "10.200.0.1"));
  const saved = (await machine.ok(["iptables-nft-save", "-t", "nat"])).split("\n");
  expect(saved.filter((line) => line.startsWith("-A"))).toEqual([
    "-A PREROUTING -d 10.200.0.1/32 -j DOCKER_OUTPUT",
    "-A OUTPUT -d 10.200.0.1/32 -j DOCKER_OUTPUT",
    "-A POSTROUTING -d 10.200.0.1/32 -j DOCKER_POSTROUTING",
    "-A DOCKER_OUTPUT -d 10.200.0.1/32 -p udp -m udp --dport 53 -j DNAT --to-destination 127.0.0.11:41234",
    "-A DOCKER_POSTROUTING -s 127.0.0.11/32 -p udp -m udp --sport 41234 -j SNAT --to-source 10.200.0.1:53",
  ]);
  await machine.writeFile("/etc/resolv.conf", written);
  await machine.ok(["ip", "route", "del", "default"]);
});

test("a controller comes up in it, under the users of the image", async () => {
  const before = await machine.readFile("/etc/passwd");
  await machine.start("k0s", [...config.config.Entrypoint, "k0s", "controller"], { env: env() });
  await machine.apiReady();
  expect(await machine.readFile("/etc/passwd")).toBe(before);
  expect((await machine.sh("stat -c %u /var/lib/k0s/etcd")).stdout).toBe("999\n");
  // The variable is that of the image: no flag names the kubeconfig.
  expect(
    (await machine.exec(["k0s", "kubectl", "get", "ns", "-o", "name"], { env: env() })).stdout,
  ).toContain("namespace/kube-system");
  await machine.ok(["k0s", "stop"]);
});
