// Starts the processes that a sandbox consists of: one that holds its network, and the first one of each machine.

import { closeSync, writeSync } from "node:fs";
import { mkdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import { processInfo, type ProcessId } from "../os/processes.ts";
import type { AnchorRequest } from "./become-anchor.ts";
import { groupName } from "./cgroups.ts";
import { helperCommand, type HelperMode } from "./helper-command.ts";
import type { Libc } from "./libc.ts";
import {
  type BindMount,
  machineLink,
  type MachineRoot,
  type MachineSetup,
  markerVariable,
  type SmallFileSystem,
} from "./machine-spec.ts";
import type { Route } from "./netlink.ts";
import type { MachineRecord, SandboxState } from "./sandbox-state.ts";

export interface MachineSpec {
  readonly name: string;
  readonly root: MachineRoot;
  readonly binds?: readonly BindMount[];
  readonly small?: readonly SmallFileSystem[];
  readonly readOnly?: readonly string[];
  /** No route at all, not even to the other machines. */
  readonly noRoutes?: boolean;
}

/** Sandboxes without uplink all have the same network: they never meet. */
export const isolatedPrefix = "10.200.0";
const prefixLength = 24;

/** Starts the machine's first process and returns it. `record` says which machine it is, also after a restart. */
export async function bootMachine(options: {
  sandbox: string;
  record: MachineRecord;
  spec: MachineSpec;
  network: SandboxNetwork;
  anchor: ProcessId;
  lifeLine: number;
}): Promise<ProcessId> {
  const { sandbox, record, spec, network, anchor, lifeLine } = options;
  for (const name of ["upper", "work", "root", "lib"])
    await mkdir(join(record.diskDir, name), { recursive: true, mode: 0o755 });
  const setup: MachineSetup = {
    sandbox,
    name: record.name,
    group: record.group,
    root: spec.root.kind === "host" ? spec.root : { kind: "directory", path: await realpath(spec.root.path) },
    diskDir: record.diskDir,
    binds: await Promise.all(
      (spec.binds ?? []).map(async (bind) => ({ ...bind, source: await realpath(bind.source) })),
    ),
    small: spec.small ?? [],
    readOnly: spec.readOnly ?? [],
    machineId: record.machineId,
    network: {
      anchorPid: anchor.pid,
      bridgeEnd: `m${record.number}`,
      address: `${record.address}/${spec.noRoutes === true ? 32 : prefixLength}`,
      routes: spec.noRoutes === true ? [] : routesOf(network),
      nameserver: network.uplink?.nameserver ?? bridgeAddress(network.prefix),
    },
  };
  const maker = startHelper("machine", JSON.stringify(setup), { sandbox, lifeLine });
  const [said, complaint, code] = await Promise.all([text(maker.stdout), text(maker.stderr), maker.exited]);
  if (code !== 0) throw new Error(`cannot make machine ${record.name}: ${complaint.trim()}`);
  return identify(Number(said));
}

/** Without uplink a machine has no default route: a cluster must live without. */
function routesOf({ prefix, uplink }: SandboxNetwork): Route[] {
  if (uplink === undefined) return [];
  return [{ destination: "0.0.0.0/0", gateway: uplinkAddress(prefix), link: machineLink }];
}

export type SandboxNetwork = Pick<SandboxState, "prefix" | "uplink">;

/** The bridge's own address: nothing listens there, so that a query to a name server fails at once. */
function bridgeAddress(prefix: string): string {
  return `${prefix}.1`;
}

function uplinkAddress(prefix: string): string {
  return `${prefix}.254`;
}

export function newMachineRecord(options: {
  sandbox: string;
  name: string;
  number: number;
  prefix: string;
  sandboxDir: string;
}): MachineRecord {
  const { sandbox, name, number, prefix, sandboxDir } = options;
  return {
    name,
    number,
    address: `${prefix}.${number}`,
    group: groupName(sandbox, name),
    diskDir: join(sandboxDir, name),
    machineId: crypto.randomUUID().replaceAll("-", ""),
  };
}

/** Starts the process that holds the network. */
export async function bootAnchor(
  sandbox: string,
  { prefix, uplink }: SandboxNetwork,
  lifeLine: number,
): Promise<ProcessId> {
  const request: AnchorRequest = {
    sandbox,
    bridgeAddress: `${bridgeAddress(prefix)}/${prefixLength}`,
    ...(uplink === undefined
      ? {}
      : { uplink: { link: uplink.link, address: `${uplinkAddress(prefix)}/${prefixLength}` } }),
  };
  const anchor = startHelper("network", JSON.stringify(request), { sandbox, lifeLine });
  anchor.unref();
  const [said, complaint] = await Promise.all([text(anchor.stdout), text(anchor.stderr)]);
  if (said.trim() !== "ready")
    throw new Error(`cannot make the network of sandbox ${sandbox}: ${complaint.trim()}`);
  return identify(anchor.pid);
}

/** A pipe that the first processes read: its end tells them that their owner has ended, a byte that they may outlive it. */
export interface LifeLine {
  readonly readEnd: number;
  release(): void;
  close(): void;
}

/** More than a sandbox can have first processes, present and future. Each reads one byte and never again. */
const enoughBytes = 4096;

export function openLifeLine(libc: Libc): LifeLine {
  const { readEnd, writeEnd } = libc.pipe();
  return {
    readEnd,
    release: () => void writeSync(writeEnd, Buffer.alloc(enoughBytes)),
    close: () => {
      closeSync(readEnd);
      closeSync(writeEnd);
    },
  };
}

function startHelper(mode: HelperMode, request: string, options: { sandbox: string; lifeLine: number }) {
  return Bun.spawn(helperCommand(mode, request), {
    stdio: [options.lifeLine, "pipe", "pipe"],
    env: { ...process.env, [markerVariable]: options.sandbox },
  });
}

function text(stream: ReadableStream<Uint8Array>): Promise<string> {
  return new Response(stream).text();
}

async function identify(pid: number): Promise<ProcessId> {
  const info = await processInfo(pid);
  if (info === undefined) throw new Error("the process ended as soon as it was made");
  return { pid: info.pid, startTime: info.startTime };
}
