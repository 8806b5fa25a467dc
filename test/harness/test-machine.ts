// A machine in the hands of a test, which knows its k0s: how it is started and stopped, and what it is asked.

import { existsSync } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fixture } from "./fixture.ts";
import { type K0sStart, commandOf, tokenFile } from "./k0s-start.ts";
import { LoggedMachine } from "./logged-machine.ts";
import { type RootName, testRoot } from "./roots.ts";
import { giveStagedPrograms } from "./staged-programs.ts";
import type { ExecResult, MachineProcess } from "../../src/sandbox/machine.ts";
import type { MachineSpec } from "../../src/sandbox/machine-boot.ts";
import type { MachineRoot } from "../../src/sandbox/machine-spec.ts";
import { openSandbox, type Sandbox } from "../../src/sandbox/sandbox.ts";

export interface TestMachineOptions extends Partial<Omit<MachineSpec, "root">> {
  /** Default: debian. */
  readonly root?: RootName | MachineRoot;
  /** The file under test, bound read-only to /usr/local/bin/k0s. Default: dist/k0s if it is there; false: none. */
  readonly k0s?: string | false;
}

/** Several machines on one bridge. */
export interface TestNetwork extends AsyncDisposable {
  readonly sandbox: Sandbox;
  machine(options?: TestMachineOptions): Promise<TestMachine>;
  /** What every machine has logged, for a failed test. */
  logs(): Promise<string>;
  destroy(): Promise<void>;
}

/** The file under test. */
export const builtFile = join(import.meta.dir, "../../dist/k0s");

export async function startNetwork(): Promise<TestNetwork> {
  // A test that is killed must not block the next one, so the name is a new one each time.
  const name = `t-${process.pid}-${crypto.randomUUID().slice(0, 8)}`;
  const sandbox = await openSandbox({ name, ephemeral: true });
  const logDir = await mkdtemp(join(tmpdir(), `${name}-`));
  const machines: TestMachine[] = [];
  const destroy = async (): Promise<void> => {
    await sandbox.destroy();
    await rm(logDir, { recursive: true, force: true });
  };
  return {
    sandbox,
    machine: async (options = {}) => {
      const spec = await machineSpec(options, `m${machines.length}`);
      const machine = new TestMachine(await sandbox.createMachine(spec), spec, sandbox, logDir);
      machines.push(machine);
      return machine;
    },
    logs: async () => (await Promise.all(machines.map((machine) => machine.logs()))).join(""),
    destroy,
    [Symbol.asyncDispose]: destroy,
  };
}

async function machineSpec(options: TestMachineOptions, defaultName: string): Promise<MachineSpec> {
  const { root = "debian", k0s, name = defaultName, binds = [], ...rest } = options;
  const file = k0s ?? (existsSync(builtFile) ? builtFile : false);
  const k0sBind = file === false ? [] : [{ source: file, target: "/usr/local/bin/k0s", readOnly: true }];
  return {
    ...rest,
    name,
    root: typeof root === "string" ? await testRoot(root) : root,
    binds: [...k0sBind, ...binds],
  };
}

export class TestMachine extends LoggedMachine {
  private lastStart: K0sStart | undefined;
  private lastProcess: MachineProcess | undefined;
  /** Characters of its log that earlier starts have written. */
  private logBefore = 0;

  /** Of the k0s that was started last. */
  get k0sProcess(): MachineProcess {
    if (this.lastProcess === undefined) throw new Error(`${this.name}: k0s has not been started`);
    return this.lastProcess;
  }

  /** Starts k0s without waiting for anything. */
  async startK0s(start: K0sStart): Promise<MachineProcess> {
    const { token, tokenBy = "file" } = start;
    if (token !== undefined && tokenBy === "file") await this.writeFile(tokenFile, token, 0o600);
    return this.launchK0s(start);
  }

  private async launchK0s(start: K0sStart): Promise<MachineProcess> {
    const { log = "k0s" } = start;
    if (this.mayBeGiven) await giveStagedPrograms(builtFile, this.disk, start);
    const { argv, env } = commandOf(start);
    this.logBefore = this.hasLog(log) ? (await this.readLog(log)).length : 0;
    this.lastStart = start;
    this.lastProcess = await this.start(log, argv, { env });
    return this.lastProcess;
  }

  /** Machines without a C library unpack by themselves, as do those whose disks are made for a test. */
  private get mayBeGiven(): boolean {
    const { root, binds = [], small = [], readOnly = [] } = this.spec;
    const debian = root.kind === "directory" && !root.path.includes("busybox");
    const ours = binds.some(({ source }) => source === builtFile);
    return debian && ours && small.length === 0 && readOnly.length === 0;
  }

  /** Starts k0s by the same command as last time. What the command names need not be there any more. */
  async restartK0s(): Promise<MachineProcess> {
    if (this.lastStart === undefined) throw new Error(`${this.name}: k0s has not been started`);
    return this.launchK0s(this.lastStart);
  }

  /** What k0s has logged since its last start. */
  async k0sLog(): Promise<string> {
    return (await this.readLog(this.lastStart?.log ?? "k0s")).slice(this.logBefore);
  }

  /** Until k0s says that its cluster is ready; one that has ended will not say it any more. */
  async clusterReady(): Promise<void> {
    await this.waitFor(
      "a ready cluster",
      async () => {
        const { exitCode } = this.k0sProcess.helper;
        if (exitCode !== null) throw new EndedError(`k0s on ${this.name} ended with code ${exitCode}`);
        return (await this.k0sLog()).includes('msg="The cluster is ready"');
      },
      { fatal: (err) => err instanceof EndedError },
    );
  }

  /** Ends k0s in order; resolves when it has ended. */
  async stopK0s(): Promise<void> {
    await this.k0sProcess.kill("SIGTERM");
    await this.waitFor(
      "the end of k0s",
      async () => (await this.exec(["test", "-e", "/run/k0s/k0s.yaml"])).code !== 0,
    );
    await this.k0sProcess.exited;
  }

  /** Runs k0s, which must succeed; returns what it printed. */
  readonly k0s = (...args: readonly string[]): Promise<string> => this.ok(["k0s", ...args]);

  /** Runs kubectl, which must succeed; returns what it printed. */
  readonly kubectl = (...args: readonly string[]): Promise<string> => this.ok(["k0s", "kubectl", ...args]);

  /** Runs kubectl to its end, however that is. */
  readonly tryKubectl = (...args: readonly string[]): Promise<ExecResult> =>
    this.exec(["k0s", "kubectl", ...args]);

  readonly apply = (manifest: string): Promise<string> =>
    this.ok(["k0s", "kubectl", "apply", "--server-side", "-f", "-"], { input: manifest });

  readonly applyFixture = async (name: string): Promise<string> => this.apply(await fixture(name));

  /** A join token for this cluster. */
  async joinToken(role: "controller" | "worker", ...flags: readonly string[]): Promise<string> {
    return (await this.ok(["k0s", "token", "create", "--role", role, "--wait", ...flags])).trim();
  }

  async apiReady(): Promise<void> {
    await this.waitFor(
      "the API",
      async () => (await this.apiListens()) && (await this.tryKubectl("get", "--raw", "/readyz")).code === 0,
    );
  }

  /** Whether it is worth the start of a kubectl to ask kube-apiserver something. */
  private async apiListens(): Promise<boolean> {
    const pid = (await this.readFile("/run/k0s/kube-apiserver.pid")).trim();
    return this.listensAs((await stat(this.hostPath(`/proc/${pid}`))).uid);
  }

  /** etcd's members, as this controller knows them: name → peer URL. */
  async etcdMembers(): Promise<Readonly<Record<string, string>>> {
    const { members } = JSON.parse(await this.ok(["k0s", "etcd", "member-list"])) as {
      members: Record<string, string>;
    };
    return members;
  }
}

class EndedError extends Error {}
