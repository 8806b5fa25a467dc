// A virtual machine in the hands of a test: a real boot with a kernel of its own, in software emulation. Everything in it is some ten times slower
// than on this host, so nothing here gives up early.

import { mkdtemp, rm, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensurePackages } from "../../../build/components/debian-packages.ts";
import { hostPlatform } from "../../../build/platform.ts";
import type { ExecResult } from "../../../src/sandbox/machine.ts";
import { assertNoCrash, CrashError } from "../../../src/std/program-end.ts";
import { type PollOptions, pollUntil } from "../../../src/std/wait.ts";
import { ExitError } from "../exit-error.ts";
import type { AgentChannel } from "./agent-channel.ts";
import { type BridgePort, capturePath, changesPath, type QemuMachine } from "./qemu-arguments.ts";
import { type QemuProcess, readConsole, startQemu } from "./qemu-process.ts";
import { type SystemName, systemDisk, systems } from "./systems.ts";
import { createOverlayDisk } from "./overlay-disk.ts";

/** A file of this host that the machine gets before anything else. */
export interface DeliveredFile {
  readonly source: string;
  readonly target: string;
  readonly mode?: number;
}

export interface VirtualMachineOptions {
  readonly system: SystemName;
  readonly files?: readonly DeliveredFile[];
  readonly memoryMiB?: number;
  /** Ports of the machine that `forwardedPort` has on this host's loopback. */
  readonly ports?: readonly number[];
  /** Where it is plugged in; absent: into nothing. */
  readonly bridge?: BridgePort;
}

/** Until something counts as hanging: a bound, which no test that passes waits out. */
const patienceMs = 1_200_000;

export class VirtualMachine implements AsyncDisposable {
  readonly system: SystemName;
  private readonly settings: QemuMachine;
  private current: QemuProcess | undefined;
  private free: AgentChannel[] = [];

  private constructor(system: SystemName, settings: QemuMachine) {
    this.system = system;
    this.settings = settings;
  }

  /** Boots it for the first time. */
  static async start(options: VirtualMachineOptions): Promise<VirtualMachine> {
    const { system, files = [], memoryMiB = 3_072, ports = [], bridge } = options;
    await ensurePackages(["qemu-system-x86", "qemu-utils"], hostPlatform().arch);
    const { disk, kernel, initramfs } = await systemDisk(system);
    const dir = await mkdtemp(join(tmpdir(), "k0s-vm-"));
    await createOverlayDisk(disk, changesPath(dir));
    const forwarded = Object.fromEntries(
      await Promise.all(ports.map(async (port) => [await freePort(), port] as const)),
    );
    const settings = {
      dir,
      kernel,
      initramfs,
      memoryMiB,
      processors: 2,
      channels: 3,
      files: [],
      forwarded,
      ...(bridge === undefined ? {} : { bridge }),
    };
    const machine = new VirtualMachine(system, settings);
    try {
      await machine.boot(files);
      for (const [at, file] of files.entries()) await machine.receive(file, serialOf(at));
      return machine;
    } catch (err) {
      console.error(await machine.console());
      await machine[Symbol.asyncDispose]();
      throw err;
    }
  }

  /** Until the agent answers. */
  async boot(files: readonly DeliveredFile[] = []): Promise<void> {
    const given = files.map(({ source }, at) => ({ source, serial: serialOf(at) }));
    const process = await startQemu({ ...this.settings, files: given });
    this.current = process;
    this.free = [...process.channels];
    await this.sh(":");
  }

  /** A disk is a whole number of sectors, so the file's own size is told. */
  private async receive({ source, target, mode = 0o644 }: DeliveredFile, serial: string): Promise<void> {
    const { size } = await stat(source);
    await this.ok(`set -e
      mkdir -p "$(dirname '${target}')"
      disk=$(grep -lx ${serial} /sys/block/*/serial); disk=\${disk%/serial}
      head -c ${size} "/dev/\${disk##*/}" >'${target}'
      chmod ${mode.toString(8)} '${target}'`);
  }

  /** Where a port of the machine is on this host's loopback. */
  forwardedPort(port: number): number {
    const found = Object.entries(this.settings.forwarded).find(([, inside]) => inside === port);
    if (found === undefined) throw new Error(`port ${port} of the machine is not forwarded`);
    return Number(found[0]);
  }

  /** Runs a script of the machine's own shell to its end. */
  async sh(script: string, { timeoutMs = patienceMs } = {}): Promise<ExecResult> {
    const channel = this.free.shift();
    if (channel === undefined) throw new Error("every channel to the machine is in use");
    const result = await channel.run(script, timeoutMs);
    this.free.push(channel);
    assertNoCrash(script, result, `${result.stdout}${result.stderr}`);
    return result;
  }

  /** The same, and it must succeed; returns what it printed. */
  async ok(script: string, options?: { readonly timeoutMs?: number }): Promise<string> {
    const result = await this.sh(script, options);
    if (result.code !== 0) throw new ExitError(this.system, [script], result);
    return result.stdout;
  }

  readonly k0s = (...args: readonly string[]): Promise<string> => this.ok(`k0s ${quoted(args)}`);
  readonly tryK0s = (...args: readonly string[]): Promise<ExecResult> => this.sh(`k0s ${quoted(args)}`);
  readonly kubectl = (...args: readonly string[]): Promise<string> => this.k0s("kubectl", ...args);
  readonly apply = (manifest: string): Promise<string> =>
    this.ok(
      `echo ${Buffer.from(manifest).toString("base64")} | base64 -d | k0s kubectl apply --server-side -f -`,
    );

  waitFor<T>(
    what: string,
    probe: (signal: AbortSignal) => Promise<T> | T,
    options: Partial<Omit<PollOptions, "what">> = {},
  ) {
    return pollUntil(probe, {
      what: `${what} on ${this.system}`,
      intervalMs: 5_000,
      timeoutMs: patienceMs,
      ...options,
      fatal: (err) => err instanceof CrashError || options.fatal?.(err) === true,
    });
  }

  /** In order, by the machine's own means. */
  async reboot(): Promise<void> {
    // In the background: the channel ends with the machine, before an answer could come.
    await this.ok(`{ sleep 1; ${systems[this.system].reboot}; } </dev/null >/run/test-agent/reboot 2>&1 &`);
    await this.current?.ended;
    await this.boot();
  }

  /** Ends at once what runs; nothing that the kernel had not given to the disk is there at the next boot. */
  async cutPower(): Promise<void> {
    await this.current?.kill();
  }

  /** What has come and gone on its port of a bridge since its boot, as a file for packet analysers. */
  get capture(): string {
    return capturePath(this.settings.dir);
  }

  /** The end of what it has said on its serial console. */
  async console(lines = 60): Promise<string> {
    return `--- ${this.system}: console\n${await readConsole(this.settings.dir, lines)}\n`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cutPower();
    await rm(this.settings.dir, { recursive: true, force: true });
  }
}

function serialOf(at: number): string {
  return `given${at}`;
}

/** For the machine's shell. */
function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
}

/** Free now; what else takes ports here does so from the kernel's own hand, as this does. */
export function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server = createServer();
  server.once("error", reject);
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    server.close(() =>
      typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port")),
    );
  });
  return promise;
}
