// What the probes see of a host, so that each can be tested with a made-up one.

import { readdir, readFile, statfs } from "node:fs/promises";
import { arch, platform, release, totalmem } from "node:os";
import { lookup } from "node:dns/promises";
import { gunzipSync } from "node:zlib";
import { hostAddresses } from "../../os/addresses.ts";
import { findExecutable } from "../../os/find-executable.ts";
import { canLoadDeviceFilter } from "../../os/device-filter.ts";
import { statIfExists } from "../../os/files.ts";
import { listMounts, type Mount } from "../../os/mounts.ts";
import { isNotFound } from "../../std/errors.ts";

export interface FileSystemSpace {
  readonly total: number;
  readonly free: number;
  /** The kernel's magic number of the file system. */
  readonly type: number;
}

export interface ProbeHost {
  readonly platform: string;
  readonly kernelRelease: string;
  readonly architecture: string;
  readonly memoryBytes: number;
  /** Undefined when there is no such file. */
  readText(path: string): Promise<string | undefined>;
  readGzip(path: string): Promise<string | undefined>;
  /** Names in a directory; empty when there is none. */
  list(dir: string): Promise<readonly string[]>;
  exists(path: string): Promise<boolean>;
  space(path: string): Promise<FileSystemSpace>;
  mounts(): Promise<readonly Mount[]>;
  resolve(name: string): Promise<readonly string[]>;
  /** Of all interfaces. */
  addresses(): readonly string[];
  findExecutable(name: string): string | undefined;
  /** Whether cgroup v2 can filter devices; undefined when we lack the right to ask. */
  canFilterDevices(): boolean | undefined;
}

/** This machine. */
export const thisHost: ProbeHost = {
  platform: platform(),
  kernelRelease: release(),
  architecture: arch(),
  memoryBytes: totalmem(),
  readText: (path) => unlessMissing(readFile(path, "utf8")),
  readGzip: async (path) => {
    const bytes = await unlessMissing(readFile(path));
    return bytes === undefined ? undefined : gunzipSync(bytes).toString("utf8");
  },
  list: async (dir) => (await unlessMissing(readdir(dir)))?.toSorted() ?? [],
  exists: async (path) => (await statIfExists(path)) !== undefined,
  space: async (path) => {
    const { type, blocks, bavail, bsize } = await statfs(path);
    return { type, total: blocks * bsize, free: bavail * bsize };
  },
  mounts: () => listMounts(),
  resolve: async (name) => (await lookup(name, { all: true })).map(({ address }) => address),
  addresses: () => hostAddresses().map(({ address }) => address),
  findExecutable: (name) => findExecutable(name),
  canFilterDevices: canLoadDeviceFilter,
};

async function unlessMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (err) {
    if (isNotFound(err)) return undefined;
    throw err;
  }
}
