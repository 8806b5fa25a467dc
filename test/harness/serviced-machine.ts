// A machine on which a service manager of Debian runs as the first process, and a program that stands in for k0s: it logs its arguments
// and its environment, takes k0s' lock and waits for SIGTERM. The commands are those of the sources.

import { dirname, join } from "node:path";
import type { BindMount } from "../../src/sandbox/machine-spec.ts";
import type { MachineSpec } from "../../src/sandbox/machine-boot.ts";
import type { ExecResult } from "../../src/sandbox/machine.ts";
import { bootOf } from "./init-systems.ts";
import { builtFile, type TestMachine, type TestNetwork } from "./test-machine.ts";

export type ServiceHostName = "systemd" | "OpenRC" | "runit" | "s6" | "System V init";

/** Its path has a space, so that every definition has to quote it. */
export const standIn = "/opt/my tools/k0s";
export const standInLog = "/var/log/stand-in.log";

const standInScript = `#!/bin/sh
mkdir -p /run/k0s
exec 9>>/run/k0s/k0s.yaml.lock
{ echo "start $$"; for word; do printf 'argument %s\\n' "$word"; done; env | sed -n 's/^TEST_/variable TEST_/p'; echo "limit $(ulimit -n)"; } >>${standInLog}
trap 'echo "end $$" >>${standInLog}; exit 0' TERM
flock -n 9 || { echo "locked $$" >>${standInLog}; exit 1; }
while :; do sleep 1000 9>&- & wait $!; done
`;

/** What a machine needs to run the commands of the sources. */
export const sourceBinds: readonly BindMount[] = [
  { source: join(import.meta.dir, "../.."), target: "/opt/k0s", readOnly: true },
  { source: dirname(process.execPath), target: "/opt/bun", readOnly: true },
];

/** A command as the sources have it, whose own file is the stand-in. */
export function sourceCommand(...args: readonly string[]): string[] {
  return ["env", `K0S_SELF=${standIn}`, "/opt/bun/bun", "/opt/k0s/src/main.ts", ...args];
}

export interface Run {
  readonly pid: number;
  readonly args: readonly string[];
  readonly variables: readonly string[];
  readonly limit: number;
  readonly ended: boolean;
}

/** The journal, and what a service manager keeps of itself, are the host's: OpenRC leaves empty control groups of version 2. */
export const keptByManagers =
  /^\/(var\/log\/journal|run\/(log|systemd|openrc)|sys\/fs\/cgroup\/(openrc\/cgroups|unified\/k0s(controller|worker))$)/;

interface ServicedMachineOptions {
  readonly stoodIn?: boolean;
  readonly small?: MachineSpec["small"];
  /** Name of the host; default: that of its service manager. */
  readonly called?: string;
  /** Where the file under test lies, not installed yet; default: it is installed. */
  readonly fetched?: string;
}

export class ServicedMachine {
  readonly machine: TestMachine;
  private readonly name: ServiceHostName;
  private init = 0;

  /** Whether the service is the stand-in, or k0s itself. */
  private readonly stoodIn: boolean;

  private constructor(machine: TestMachine, name: ServiceHostName, stoodIn: boolean) {
    this.machine = machine;
    this.name = name;
    this.stoodIn = stoodIn;
  }

  static async start(
    network: TestNetwork,
    name: ServiceHostName,
    options: ServicedMachineOptions = {},
  ): Promise<ServicedMachine> {
    const { stoodIn = true, small = [], called = name.toLowerCase().replaceAll(" ", "-"), fetched } = options;
    const file = fetched === undefined ? [] : [{ source: builtFile, target: fetched, readOnly: true }];
    const machine = await network.machine({
      name: called,
      root: "services",
      small,
      ...(stoodIn ? { k0s: false as const, binds: sourceBinds } : {}),
      ...(fetched === undefined ? {} : { k0s: false as const, binds: file }),
    });
    if (stoodIn) {
      await machine.ok(["mkdir", "-p", dirname(standIn)]);
      await machine.writeFile(standIn, standInScript, 0o755);
    }
    await machine.ok(["sh", "-ec", bootOf[name].prepare]);
    const host = new ServicedMachine(machine, name, stoodIn);
    await host.boot();
    return host;
  }

  /** The first process and everything below it, in a PID namespace that ends with it. */
  async boot(): Promise<void> {
    const { init, beforeBoot, booted } = bootOf[this.name];
    // /run is in memory on a host.
    const emptied = "find /run -xdev -mindepth 1 -maxdepth 1 ! -name k0s-sandbox -exec rm -rf {} +";
    await this.machine.ok(["sh", "-ec", `${emptied}\n${beforeBoot}`]);
    await this.machine.start("init", ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", ...init]);
    const parent = `pgrep -f '^unshare --pid'`;
    this.init = Number(
      await this.machine.waitFor("the first process", () =>
        this.machine.ok(["sh", "-c", `pgrep -P $(${parent})`]),
      ),
    );
    await this.machine.waitFor(`${this.name} to be up`, () => this.sh(booted).then(({ code }) => code === 0));
  }

  /** As a power cut. */
  async reboot(): Promise<void> {
    await this.machine.ok(["kill", "-9", String(this.init)]);
    await this.machine.waitFor("the end of the first process", () =>
      this.machine.exec(["test", "-e", `/proc/${this.init}`]).then(({ code }) => code !== 0),
    );
    await this.boot();
  }

  /** As a power cut and a new boot, with links, rules and mounts of the kernel gone. */
  async powerCycle(): Promise<void> {
    await this.machine.reboot();
    await this.boot();
  }

  exec(argv: readonly string[]): Promise<ExecResult> {
    return this.machine.exec(this.inside(argv));
  }

  /** The stand-in as somebody starts it at a terminal. */
  async startByHand(): Promise<void> {
    await this.machine.start("by-hand", this.inside([standIn, "controller"]));
  }

  private inside(argv: readonly string[]): string[] {
    return ["nsenter", "-t", String(this.init), "--pid", "--mount", "--", ...argv];
  }

  sh(script: string): Promise<ExecResult> {
    return this.exec(["/bin/sh", "-c", script]);
  }

  /** A command of k0s, which must succeed; returns both of its streams. */
  async k0s(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.tryK0s(...args);
    if (code !== 0) throw new Error(`k0s ${args.join(" ")} ended with ${code}: ${stdout}${stderr}`);
    return `${stdout}${stderr}`;
  }

  tryK0s(...args: readonly string[]): Promise<ExecResult> {
    return this.exec(this.stoodIn ? sourceCommand(...args) : ["k0s", ...args]);
  }

  /** How the stand-in was started, time by time. */
  async runs(): Promise<readonly Run[]> {
    const { stdout } = await this.machine.sh(`[ ! -e ${standInLog} ] || cat ${standInLog}`);
    const ends = [...stdout.matchAll(/^end (\d+)$/gm)].map(([, pid]) => Number(pid));
    return stdout
      .split(/^(?=start )/m)
      .filter((part) => part.startsWith("start "))
      .map((part) => {
        const all = (kind: string) =>
          [...part.matchAll(new RegExp(`^${kind} (.*)$`, "gm"))].map(([, text = ""]) => text);
        const pid = Number(all("start")[0]);
        return {
          pid,
          args: all("argument"),
          variables: all("variable"),
          limit: Number(all("limit")[0]),
          ended: ends.includes(pid),
        };
      });
  }
}
