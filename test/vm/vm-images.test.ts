// The images for users: one boots as a controller, one as a worker, and both are left alone. What they are to be is told
// them by seeds (NoCloud, a config drive); the worker's token was made before there was a cluster.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repoRoot } from "../../build/cache-root.ts";
import { hostPlatform } from "../../build/platform.ts";
import { runCommand } from "../../build/run-command.ts";
import { bootRange, sectorBytes } from "../../build/vm-images/disk-layout.ts";
import { makeVmImages } from "../../build/vm-images/vm-images-target.ts";
import { type KubeClient, createKubeClient } from "../../src/kube/client.ts";
import { type Node, nodeKind } from "../../src/kube/objects/node.ts";
import { issueCa, issueLeaf } from "../../src/pki/issue.ts";
import { silentProgress } from "../../src/std/progress.ts";
import { parseTrust } from "../../src/std/trust-bundle.ts";
import { pollUntil } from "../../src/std/wait.ts";
import { hostMac, type ImageMachine, startImage } from "../harness/vm/image-machine.ts";
import { configDrive, noCloud, seedDisk } from "../harness/vm/seed.ts";
import { freePort } from "../harness/vm/virtual-machine.ts";

const patienceMs = 1_500_000;
/** For a processor in software, on a host that is busy: nothing is given up that would come. */
const emulated = "mitigations=off tsc=reliable nowatchdog systemd.default_timeout_start_sec=1800";

const gateway = "10.200.0.1";
const controllerAt = {
  address: "10.200.0.1",
  mac: "52:54:00:00:00:01",
  hostname: "first",
  gateway: "10.200.0.254",
};
const workerAt = { address: "10.200.0.2", mac: "52:54:00:00:00:02", hostname: "second", gateway };

let dir = "";
let image = "";
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-vm-images-"));
  const signal = AbortSignal.timeout(900_000);
  const inputs = { dir: join(dir, "images"), platform: hostPlatform(), signal, report: silentProgress };
  image = (await makeVmImages(inputs)).find((path) => path.endsWith(".raw")) ?? "";
}, 900_000);
afterAll(() => rm(dir, { recursive: true, force: true }));

/** A copy with what the loader is to give the kernel beside its own options, as a user does it. */
async function imageWith(name: string, options: string): Promise<string> {
  const [copy, settings] = [join(dir, `${name}.raw`), join(dir, `${name}.cfg`)];
  await runCommand(["cp", "--sparse=always", image, copy], { what: "copying a disk" });
  await writeFile(settings, `set k0s_arguments="${emulated} ${options}"\n`);
  const partition = `${copy}@@${bootRange.start * sectorBytes}`;
  await runCommand(["mcopy", "-i", partition, settings, "::k0s.cfg"], {
    what: "writing to a boot partition",
  });
  return copy;
}

/** Fails at once when the machine ends, with its console. */
async function until<T>(what: string, machines: readonly ImageMachine[], probe: () => Promise<T>) {
  try {
    return await pollUntil(
      () => {
        const end = machines.map((machine) => machine.ended()).find((words) => words !== undefined);
        if (end !== undefined) throw new Error(`a machine has ended: ${end}`);
        return probe();
      },
      { what, intervalMs: 2_000, timeoutMs: patienceMs, fatal: (err) => String(err).includes("has ended") },
    );
  } catch (err) {
    for (const machine of machines) console.error(`--- console\n${(await machine.console()).slice(-8_000)}`);
    throw err;
  }
}

interface Cluster {
  readonly ca: { readonly cert: string; readonly key: string };
  readonly token: string;
  readonly secret: string;
}

/** As docs/joining.md says: the authority, then a token and its Secret as files. */
async function clusterBefore(): Promise<Cluster> {
  const ca = await issueCa({ cn: "kubernetes-ca", expiresMs: 86_400_000 });
  const [cert, out] = [join(dir, "ca.crt"), join(dir, "token")];
  await writeFile(cert, ca.cert);
  const url = `https://${controllerAt.address}:6443/`;
  const words = ["token", "pre-shared", "--cert", cert, "--url", url, "--role", "worker", "--out", out];
  await runCommand([join(repoRoot, "dist/k0s"), ...words], { what: "making a token" });
  const read = async (begin: string): Promise<string> => {
    const name = (await readdir(out)).find((entry) => entry.startsWith(begin));
    return readFile(join(out, name ?? begin), "utf8");
  };
  return { ca, token: await read("token_"), secret: await read("bootstrap-token-") };
}

async function adminOf(ca: Cluster["ca"], port: number): Promise<KubeClient> {
  const { cert, key } = await issueLeaf({ ca, cn: "admin", o: ["system:masters"], expiresMs: 86_400_000 });
  const trust = parseTrust(ca.cert, "the test's authority");
  return createKubeClient({ server: `https://127.0.0.1:${port}`, ca: trust, cert, key });
}

const isReady = ({ status }: Node): boolean =>
  (status?.conditions ?? []).some(({ type, status: value }) => type === "Ready" && value === "True");

test("a controller and a worker, no hand on either", async () => {
  const { ca, token, secret } = await clusterBefore();
  const config = `spec: { api: { address: ${controllerAt.address} }, storage: { type: kine } }\n`;
  const pki = "/var/lib/k0s/pki";
  const files = [
    { path: "/etc/k0s/role", text: "controller\n" },
    { path: "/etc/k0s/k0s.yaml", text: config },
    { path: `${pki}/ca.crt`, text: ca.cert },
    { path: `${pki}/ca.key`, text: ca.key },
    { path: "/var/lib/k0s/manifests/first-token/secret.yaml", text: secret },
  ];
  const seeds = [
    await seedDisk(dir, "CIDATA", noCloud({ ...controllerAt, dhcpMac: hostMac, files })),
    await seedDisk(
      dir,
      "config-2",
      configDrive({
        ...workerAt,
        files: [
          { path: "/etc/k0s/role", text: "worker\n" },
          { path: "/etc/k0s/token", text: token },
        ],
      }),
    ),
  ] as const;
  const booted = await imageWith("both", "");
  const [api, cable] = [await freePort(), await freePort()];
  await using controller = await startImage({
    image: booted,
    disks: [seeds[0]],
    memoryMiB: 3_072,
    mac: controllerAt.mac,
    cable: { listens: cable, forwarded: { [api]: 6443 } },
  });
  const client = await adminOf(ca, api);
  await until("an API that answers", [controller], () => client.list(nodeKind));
  await using worker = await startImage({
    image: booted,
    disks: [seeds[1]],
    memoryMiB: 3_072,
    mac: workerAt.mac,
    cable: { connects: cable },
  });
  const node = await until("a worker that is Ready", [controller, worker], async () => {
    const { items } = await client.list<Node>(nodeKind);
    return items.find(isReady);
  });
  expect(node.metadata?.name).toBe(workerAt.hostname);
  expect(node.status?.addresses).toContainEqual({ type: "InternalIP", address: workerAt.address });
});

test("the kernel's command line, by the file that the loader reads", async () => {
  const own = await imageWith("own", "k0s.role=master");
  await using machine = await startImage({ image: own, memoryMiB: 1_024, mac: workerAt.mac });
  await until("the refusal of a role", [machine], async () =>
    (await machine.console()).includes("k0s has no role master") ? true : undefined,
  );
});
