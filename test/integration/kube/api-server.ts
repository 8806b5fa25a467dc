// A real kine with SQLite and a real kube-apiserver on loopback, for tests of the client and what stands on it.
// No network beyond 127.0.0.1, everything in a temporary directory, both processes end with `stop`.

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheRoot } from "../../../build/cache-root.ts";
import { createKubeClient } from "../../../src/kube/client.ts";
import type { KubeClient } from "../../../src/kube/client.ts";
import { kubeconfigYaml } from "../../../src/kube/kubeconfig.ts";
import { pollUntil } from "../../../src/std/wait.ts";
import { createTestPki } from "./test-pki.ts";
import type { TestPki } from "./test-pki.ts";

export interface TestApiServer {
  readonly server: string;
  readonly pki: TestPki;
  /** An administrator. */
  readonly client: KubeClient;
  /** Path of a kubeconfig of the administrator. */
  readonly kubeconfig: string;
  /** A client of another user, e.g. `system:node:n1` in `system:nodes`. */
  clientFor(commonName: string, organizations?: readonly string[]): Promise<KubeClient>;
  /** Ends kube-apiserver as a crash would. */
  kill(): Promise<void>;
  /** Starts kube-apiserver again on the same port and data, with further flags if need be. */
  restart(flags?: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

export interface TestApiServerOptions {
  /** Further flags of kube-apiserver. */
  readonly flags?: readonly string[];
  /** Controllers of kube-controller-manager that run beside it, e.g. `garbage-collector-controller`; default: none. */
  readonly controllers?: readonly string[];
}

export async function startTestApiServer(options: TestApiServerOptions = {}): Promise<TestApiServer> {
  const dir = await mkdtemp(join(tmpdir(), "k0s-api-"));
  const children = new Set<ChildProcess>();
  try {
    const pki = await createTestPki(join(dir, "pki"));
    const port = await freePort();
    const socket = join(dir, "kine.sock");
    await mkdir(join(dir, "db"));
    const kineArgs = [
      `--endpoint=sqlite://${dir}/db/state.db?_journal=WAL&cache=shared&_busy_timeout=30000`,
      `--listen-address=unix://${socket}`,
      "--metrics-bind-address=0",
    ];
    const kine = await startChild(await findBinary("kine"), "kine", kineArgs, dir);
    children.add(kine);
    await pollUntil(() => stat(socket), { what: "kine's socket", intervalMs: 20, timeoutMs: 300_000 });

    const server = `https://127.0.0.1:${port}`;
    const admin = await pki.issue("admin", ["system:masters"]);
    const client = createKubeClient({ server, ca: pki.ca, ...admin });
    const kubernetes = await findBinary("kubernetes");
    const args = [...apiServerFlags(pki, port, socket), ...(options.flags ?? [])];
    let api: ChildProcess | undefined;
    const startApi = async (flags: readonly string[] = []): Promise<void> => {
      const started = await startChild(kubernetes, "kube-apiserver", [...args, ...flags], dir);
      children.add(started);
      api = started;
      await pollUntil(async (signal) => client.raw("/readyz", { retries: 0, signal }), {
        what: `kube-apiserver to be ready, see ${dir}/kube-apiserver.log`,
        intervalMs: 50,
        timeoutMs: 300_000,
        fatal: () => started.exitCode !== null,
      });
    };
    await startApi();
    const kubeconfig = join(dir, "admin.conf");
    await writeFile(kubeconfig, kubeconfigYaml({ server, ca: pki.ca, ...admin }), { mode: 0o600 });
    if (options.controllers !== undefined) {
      const flags = controllerFlags(kubeconfig, options.controllers);
      children.add(await startChild(kubernetes, "kube-controller-manager", flags, dir));
    }
    return {
      kubeconfig,
      server,
      pki,
      client,
      async clientFor(commonName, organizations = []) {
        return createKubeClient({ server, ca: pki.ca, ...(await pki.issue(commonName, organizations)) });
      },
      async kill() {
        if (api !== undefined) await end(api, "SIGKILL");
      },
      restart: startApi,
      async stop() {
        await endAll(children, dir);
      },
    };
  } catch (err) {
    await endAll(children, dir);
    throw err;
  }
}

function controllerFlags(kubeconfig: string, controllers: readonly string[]): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--controllers=${controllers.join(",")}`,
    "--leader-elect=false",
    "--secure-port=0",
  ];
}

function apiServerFlags(pki: TestPki, port: number, socket: string): string[] {
  return [
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    `--secure-port=${port}`,
    `--etcd-servers=unix:${socket}`,
    `--client-ca-file=${pki.path("ca.crt")}`,
    `--tls-cert-file=${pki.path("server.crt")}`,
    `--tls-private-key-file=${pki.path("server.key")}`,
    `--service-account-key-file=${pki.path("sa.key")}`,
    `--service-account-signing-key-file=${pki.path("sa.key")}`,
    "--service-account-issuer=https://kubernetes.default.svc",
    "--service-cluster-ip-range=10.96.0.0/12",
    "--authorization-mode=Node,RBAC",
    "--anonymous-auth=false",
    "--allow-privileged=true",
    "--profiling=false",
    // It refuses loopback addresses.
    "--endpoint-reconciler-type=none",
  ];
}

/** The newest build of a component; K0S_TEST_BINARIES names a directory to look in first. */
export async function findBinary(name: string): Promise<string> {
  const given = process.env["K0S_TEST_BINARIES"];
  if (given !== undefined) return join(given, name);
  const parent = join(cacheRoot(), "components", "linux-amd64", name);
  const builds = (await readdir(parent)).filter((entry) => !entry.startsWith("."));
  const dated = await Promise.all(
    builds.map(async (build) => ({ build, at: (await stat(join(parent, build))).mtimeMs })),
  );
  const newest = dated.sort((a, b) => b.at - a.at)[0];
  if (newest === undefined) throw new Error(`${name} is not built: run make build`);
  return join(parent, newest.build, name);
}

/** `argv0` is what a multi-call executable goes by. Output goes to `<dir>/<argv0>.log`. */
async function startChild(
  file: string,
  argv0: string,
  args: readonly string[],
  dir: string,
): Promise<ChildProcess> {
  const log = createWriteStream(join(dir, `${argv0}.log`), { flags: "a" });
  const child = spawn(file, args, {
    argv0,
    cwd: dir,
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: "/usr/bin:/bin", HOME: dir },
  });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
  return child;
}

async function end(child: ChildProcess, signal: "SIGKILL" | "SIGTERM"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  await gone;
}

async function endAll(children: ReadonlySet<ChildProcess>, dir: string): Promise<void> {
  // Nothing in the directory is kept, so it need not end in order.
  await Promise.all([...children].map((child) => end(child, "SIGKILL")));
  if (process.env["K0S_TEST_KEEP"] === undefined) await rm(dir, { recursive: true, force: true });
}

/** Below those that the kernel gives to outgoing connections: nobody takes it between this look and the server's start, or a restart. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
