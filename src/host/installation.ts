// The installation of k0s on this host: noted in its record from the first start on, proved before a reset.

import { createHash } from "node:crypto";
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import {
  believedOn,
  findInstallationRecord,
  type InstallationRecord,
  readInstallationRecord,
  updateInstallationRecord,
  withUser,
  writeInstallationRecord,
} from "../config/installation-record.ts";
import { isDefaultDataDir, isIn, type NodePaths } from "../product/paths.ts";
import { controlPlaneUsers } from "./system-users.ts";
import { makeDir } from "../os/files.ts";
import { readSysctl } from "../os/kernel.ts";
import { machineIdFile, readMachineId } from "../os/machine-id.ts";
import { listMounts } from "../os/mounts.ts";
import { realPath } from "../os/real-path.ts";
import { type SystemUser, usersWithHome } from "../os/users.ts";
import { errno, isNotFound, UserError } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import { k0sVersion } from "../product/versions.ts";
import { changedSysctls } from "../components/host-network/kernel.ts";
import { hasStagedPrograms, isOlderInstallation } from "./older-installation.ts";
import { fixedOutsidePaths } from "./outside-paths.ts";
import { assertAllowed, holdsNothing, isRootOfOurKubelet, mostNamed } from "./own-directories.ts";
import { namesIn } from "../os/names-in.ts";
import { namedFirst } from "../std/named-first.ts";

/**
 * Makes the data directory if there is none, and notes in it that it is k0s'. A record that a power cut spoilt is written
 * again, and claims less. Only with the runtime lock held, and after `assertMayUse`.
 */
export async function beginInstallation(
  paths: NodePaths,
  log: Logger,
  idFile = machineIdFile,
): Promise<void> {
  await makeDir(paths.dataDir, { mode: 0o755 });
  const found = await findInstallationRecord(paths.dataDir);
  const machine = await machineDigest(idFile);
  if (found === "cut off") {
    await writeInstallationRecord(await mendedRecord(paths, machine));
    log.warn(
      "The record of the installation was cut off and is written anew; reset will leave what it cannot prove",
      {
        dataDir: paths.dataDir,
      },
    );
    return;
  }
  if (found === undefined) return writeInstallationRecord(await firstRecord(paths, machine));
  const record = await hereAndNow(found, machine);
  const moved = record.dataDir !== paths.dataDir;
  const roots = new Set([...(moved ? [] : record.kubeletRootDirs), paths.kubeletRootDir]);
  const now = { ...record, dataDir: paths.dataDir, kubeletRootDirs: [...roots] };
  if (!Bun.deepEquals(now, found)) await writeInstallationRecord(now);
}

/** A directory that came from another machine begins with what this one has. */
async function hereAndNow(
  found: InstallationRecord,
  machine: string | undefined,
): Promise<InstallationRecord> {
  const believed = believedOn(machine, found);
  if (believed === found) return machine === undefined ? found : { ...found, machine };
  return { ...believed, absentBefore: await missing(fixedOutsidePaths), sysctlsBefore: await sysctlsNow() };
}

/** A digest: ids of machines are confidential. Undefined where there is none. */
async function machineDigest(idFile: string): Promise<string | undefined> {
  const id = await readMachineId(idFile);
  if (id === undefined) return undefined;
  return createHash("sha256").update(`k0s installation\n${id}`).digest("hex").slice(0, 32);
}

/** To be called as soon as k0s has made a system user. */
export function noteUser(paths: NodePaths): (user: SystemUser) => Promise<void> {
  return ({ name, uid, gid }) =>
    updateInstallationRecord(paths.dataDir, (record) => withUser(record, { name, uid, gid }));
}

/** To be called before a node can run its first pod: the evidence for it is deleted before the record. */
export async function notePods({ dataDir }: NodePaths): Promise<void> {
  await updateInstallationRecord(dataDir, (record) => ({ ...record, ranPods: true }));
}

/** Also for a k0s that kept no record: nothing tells whether it made what is there now. */
async function firstRecord(paths: NodePaths, machine: string | undefined): Promise<InstallationRecord> {
  const older = await isOlderInstallation(paths);
  return {
    kind: "k0s installation",
    formatVersion: 1,
    createdAt: new Date().toISOString(),
    createdBy: k0sVersion,
    ...(machine === undefined ? {} : { machine }),
    dataDir: paths.dataDir,
    kubeletRootDirs: [paths.kubeletRootDir],
    // Users whose home is the data directory were made by a k0s: anybody else's live elsewhere.
    users: older ? await usersWithHome(controlPlaneUsers, paths.dataDir) : [],
    absentBefore: await missing(fixedOutsidePaths),
    sysctlsBefore: older ? {} : await sysctlsNow(),
  };
}

/**
 * What the spoilt record said of this host is lost. What is there now may have been there before k0s, and the
 * parameters are k0s' already; users are known by their home.
 */
async function mendedRecord(paths: NodePaths, machine: string | undefined): Promise<InstallationRecord> {
  return {
    ...(await firstRecord(paths, machine)),
    users: await usersWithHome(controlPlaneUsers, paths.dataDir),
    sysctlsBefore: {},
  };
}

/**
 * Before a reset deletes anything: one that is interrupted must find its proof again, and what it knew. False when the
 * disk is full: then it has to do without, and a k0s that kept no record is proven by its last entry.
 */
export async function noteRecord(record: InstallationRecord | undefined): Promise<boolean> {
  if (record === undefined) return true;
  if (Bun.deepEquals(await findInstallationRecord(record.dataDir), record)) return true;
  try {
    await writeInstallationRecord(record);
    return true;
  } catch (err) {
    if (err instanceof UserError && err.code === "disk-full") return false;
    throw err;
  }
}

/** A database elsewhere stays when this installation is reset, which has to name it. */
export async function noteDatabase({ dataDir }: NodePaths, file: string): Promise<void> {
  await updateInstallationRecord(dataDir, (record) => ({
    ...record,
    databases: [...new Set([...(record.databases ?? []), file])],
  }));
}

export interface ProofOptions {
  readonly evenCutOff?: boolean;
  readonly serviceIsOurs?: boolean;
}

export interface ProvenInstallation {
  /** What the record says, or would say, of an installation of this directory; undefined when nothing is there. */
  readonly record: InstallationRecord | undefined;
  /** Names in the data directory that nothing proves. */
  readonly unproven: readonly string[];
}

/**
 * The proof that `reset` needs: the record, or for a k0s that kept none, its own notes about the programs that it staged
 * into this very directory, beside what a node has written there. Throws a UserError when there are files without a proof.
 * `evenCutOff`: a record that a power cut spoilt does no harm where the same notes prove the directory. `serviceIsOurs`:
 * a service was installed for this directory, and k0s has never started with it; then files are left, and it is not an error.
 */
export async function proveInstallation(
  paths: NodePaths,
  idFile = machineIdFile,
  { evenCutOff = false, serviceIsOurs = false }: ProofOptions = {},
): Promise<ProvenInstallation> {
  const machine = await machineDigest(idFile);
  const found = (await readableRecord(paths, evenCutOff)) ?? (await recordInPlace(paths, machine));
  const record = atRealPlace(found === undefined ? undefined : believedOn(machine, found));
  await assertAllowed(paths, { knownToUs: record !== undefined });
  if (record !== undefined && record.dataDir !== paths.dataDir)
    throw new UserError(`${paths.dataDir} is a copy: its record is that of ${record.dataDir}`, {
      code: "not-this-installation",
      hint: "Nothing was removed. Delete the copy by hand if it is not needed.",
    });
  const proven =
    record ?? ((await isOlderInstallation(paths)) ? await firstRecord(paths, machine) : undefined);
  if (proven !== undefined) {
    await assertRecordedRoot(paths, proven);
    return { record: proven, unproven: [] };
  }
  const unproven = await namesWithoutProof(paths);
  if (unproven.length > 0 && !serviceIsOurs) throw unknownDirectory(paths, unproven);
  await assertNoForeignRoot(paths);
  return { record: undefined, unproven };
}

/** Undefined without one. One that was cut off is an error, unless the directory shows without it whose it is. */
async function readableRecord(
  paths: NodePaths,
  evenCutOff: boolean,
): Promise<InstallationRecord | undefined> {
  const found = evenCutOff ? await findInstallationRecord(paths.dataDir) : undefined;
  if (found === "cut off" && (await isOlderInstallation(paths))) return undefined;
  return readInstallationRecord(paths.dataDir);
}

/** What a start would write in the place of a record that was cut off: it claims less than any other. */
async function recordInPlace(
  paths: NodePaths,
  machine: string | undefined,
): Promise<InstallationRecord | undefined> {
  const found = await findInstallationRecord(paths.dataDir);
  return found === "cut off" ? mendedRecord(paths, machine) : undefined;
}

/** A directory that was moved, with a link in its former place, is the same one. A root of kubelet elsewhere proves nothing. */
function atRealPlace(record: InstallationRecord | undefined): InstallationRecord | undefined {
  if (record === undefined) return undefined;
  const dataDir = realPath(record.dataDir);
  const kubeletRootDirs = record.kubeletRootDirs.map((path) =>
    isIn(path, record.dataDir) ? join(dataDir, path.slice(record.dataDir.length)) : path,
  );
  return { ...record, dataDir, kubeletRootDirs };
}

async function namesWithoutProof(paths: NodePaths): Promise<readonly string[]> {
  const { dataDir } = paths;
  // The launcher unpacks itself at every command; a disk of its own has its own directory on it.
  const empty = [
    "lost+found",
    ...(isDefaultDataDir(dataDir) ? ["runtime"] : []),
    ...((await hasStagedPrograms(paths)) ? ["bin"] : []),
  ];
  const mounts = await listMounts();
  const present: string[] = [];
  for (const name of await namesIn(dataDir))
    if (!empty.includes(name) && !(await holdsNothing(join(dataDir, name), mounts))) present.push(name);
  return present;
}

function unknownDirectory({ dataDir }: NodePaths, present: readonly string[]): UserError {
  return new UserError(`${dataDir} is not known to be k0s': it has no record of an installation`, {
    code: "not-an-installation",
    hint: `Nothing was removed. It holds ${namedFirst(present, mostNamed)}. If k0s never started with this directory, delete by hand what is not needed; \`k0s uninstall\` removes its service.`,
  });
}

async function assertNoForeignRoot({ dataDir, kubeletRootDir }: NodePaths): Promise<void> {
  if (isIn(kubeletRootDir, dataDir) || (await namesIn(kubeletRootDir)).length === 0) return;
  throw notKubeletRoot(kubeletRootDir);
}

async function assertRecordedRoot(paths: NodePaths, record: InstallationRecord): Promise<void> {
  const root = paths.kubeletRootDir;
  if (root === join(paths.dataDir, "kubelet")) return;
  // An interrupted reset has removed it, and what named it.
  if (!(await exists(root))) return;
  const found = await findInstallationRecord(paths.dataDir);
  const older = found === undefined || found === "cut off";
  if (older ? !(await isRootOfOurKubelet(paths)) : !record.kubeletRootDirs.includes(root))
    throw notKubeletRoot(root);
}

function notKubeletRoot(path: string): UserError {
  return new UserError(`${path} is not known to be the root directory of k0s' kubelet`, {
    code: "not-an-installation",
    hint: "Nothing was removed. The record of the installation knows where kubelet's directory is: leave --kubelet-root-dir out.",
  });
}

async function missing(paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(paths.map(async (path) => ((await exists(path)) ? [] : [path])));
  return found.flat();
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (err) {
    if (isNotFound(err) || errno(err) === "ENOTDIR") return false;
    throw err;
  }
}

async function sysctlsNow(): Promise<Record<string, string>> {
  const read = changedSysctls.map(async (name): Promise<[string, string][]> => {
    const value = await readSysctl(name);
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries((await Promise.all(read)).flat());
}
