// This machine, as the probes see it.

import { readdir, readFile, stat, statfs } from "node:fs/promises";
import { arch, hostname, platform, release, totalmem } from "node:os";
import { lookup } from "node:dns/promises";
import { basename } from "node:path";
import { gunzipSync } from "node:zlib";
import { isRuntimeClaimed } from "../../config/runtime-config.ts";
import { hostAddresses } from "../../os/addresses.ts";
import { isClockSynchronised } from "../../os/clock-discipline.ts";
import { canLoadDeviceFilter } from "../../os/device-filter.ts";
import { findExecutable } from "../../os/find-executable.ts";
import { isInContainer } from "../../os/initial-namespace.ts";
import { listLinks } from "../../os/links.ts";
import { lockHolder } from "../../os/lock-holder.ts";
import { listMounts } from "../../os/mounts.ts";
import { takenPorts } from "../../os/ports.ts";
import { listProcesses, processArguments, processExecutable, type ProcessInfo } from "../../os/processes.ts";
import { isIn, type NodePaths } from "../../product/paths.ts";
import { errno } from "../../std/errors.ts";
import { TimeoutError } from "../../std/wait.ts";
import { hostToolset } from "../reset/host-tools.ts";
import type { ProbeHost, RunningProcess } from "./probe-host.ts";

export function thisHost(paths: NodePaths, signal: AbortSignal = new AbortController().signal): ProbeHost {
  const tools = hostToolset(paths.hostToolsDir, signal);
  return {
    platform: platform(),
    kernelRelease: release(),
    architecture: arch(),
    memoryBytes: totalmem(),
    hostname: hostname(),
    readText: (path) => ifReadable(readFile(path, "utf8")),
    readGzip: async (path) => {
      const bytes = await ifReadable(readFile(path));
      return bytes === undefined ? undefined : gunzipSync(bytes).toString("utf8");
    },
    list: async (dir) => (await ifReadable(readdir(dir)))?.toSorted() ?? [],
    exists: async (path) => (await ifReadable(stat(path))) !== undefined,
    space: async (path) => {
      const { type, blocks, bavail, bsize, files, ffree } = await statfs(path);
      return { type, total: blocks * bsize, free: bavail * bsize, inodes: files, freeInodes: ffree };
    },
    mounts: () => listMounts(),
    resolve: resolveInTime,
    addresses: hostAddresses,
    links: listLinks,
    findExecutable,
    ask: async (tool, ...args) => (process.geteuid?.() === 0 ? tools.ask(tool, ...args) : undefined),
    canFilterDevices: canLoadDeviceFilter,
    clock: () => ({ now: new Date(), synchronised: isClockSynchronised() }),
    isInContainer,
    processes: async () => Promise.all((await listProcesses()).map(seen)),
    holders: async (uses) => {
      // The file that k0s runs is its unpacked runtime, which has a name and a place that say nothing of this data directory.
      const k0s = await ifReadable(lockHolder(paths.runtimeConfigLock));
      return Promise.all(
        (await takenPorts(uses)).map(async ({ use, owner }) => {
          const holder = owner === undefined ? undefined : await seen(owner);
          const own = holder !== undefined && (holder.pid === k0s?.pid || isOfK0s(holder, paths));
          return { use, process: holder, own };
        }),
      );
    },
    isInstalled: async () => (await ifReadable(stat(paths.binDir))) !== undefined,
    isRunning: () => runs(paths),
  };
}

async function seen({ pid, comm }: ProcessInfo): Promise<RunningProcess> {
  return { pid, name: comm, program: await processExecutable(pid) };
}

/** What k0s has started. */
function isOfK0s({ program }: RunningProcess, { binDir }: NodePaths): boolean {
  return program !== undefined && isIn(program, binDir);
}

/** The lock says it, to root alone; everybody sees with which words a process was started. */
async function runs(paths: NodePaths): Promise<boolean> {
  if (process.geteuid?.() === 0) return isRuntimeClaimed(paths);
  const started = await Promise.all((await listProcesses()).map(({ pid }) => processArguments(pid)));
  return started.some(isNode);
}

/** `k0s controller …`, under whatever name the file has. */
export function isNode([program = "", ...words]: readonly string[]): boolean {
  const role = words.find((word) => !word.startsWith("-"));
  return basename(program).startsWith("k0s") && ["controller", "server", "worker"].includes(role ?? "");
}

/** A name server that does not answer is asked for longer than most want to wait. */
async function resolveInTime(name: string, patienceMs: number): Promise<readonly string[]> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new TimeoutError(`no answer within ${patienceMs / 1000} s`)),
    patienceMs,
  );
  try {
    const found = await Promise.race([lookup(name, { all: true }), late.promise]);
    return found.map(({ address }) => address);
  } finally {
    clearTimeout(timer);
  }
}

async function ifReadable<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (err) {
    if (["ENOENT", "ENOTDIR", "EACCES", "EPERM"].includes(errno(err) ?? "")) return undefined;
    throw err;
  }
}
