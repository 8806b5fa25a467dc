// Whether a directory may be k0s' own: asked before a start takes it over, and by reset before anything else.

import { lstat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { kubeletRootEntries, kubeletSeedEntries } from "../components/kubelet/root-entries.ts";
import { divideEntries, seedEntries } from "./data-dir-entries.ts";
import { directoryRefusal, type DirectoryFacts, homesOf } from "../config/directory-rules.ts";
import {
  findInstallationRecord,
  type InstallationRecord,
  recordFileName,
} from "../config/installation-record.ts";
import { defaultDataDir, isDefaultDataDir, isIn, type NodePaths } from "../product/paths.ts";
import { controlPlaneUsers, processIdentity } from "./system-users.ts";
import { allows, readAccessList } from "../os/access-list.ts";
import { readFileIfExists, statIfExists } from "../os/files.ts";
import { localTypes, listMounts, type Mount } from "../os/mounts.ts";
import { realPath } from "../os/real-path.ts";
import { lookupUser, type UserId } from "../os/users.ts";
import { errno, isNotFound, UserError } from "../std/errors.ts";
import { hasStagedPrograms, isOlderInstallation } from "./older-installation.ts";
import { namesIn } from "../os/names-in.ts";
import { namedFirst } from "../std/named-first.ts";

/** Of entries of a directory, in a sentence. */
export const mostNamed = 5;

/** Throws a UserError when a directory is not one that k0s may take over. Changes nothing. */
export async function assertMayUse(paths: NodePaths): Promise<void> {
  // One that was cut off proves nothing: such a directory is judged as one without a record.
  const found = await findInstallationRecord(paths.dataDir);
  const record = found === "cut off" ? undefined : found;
  const older = record === undefined && (await isOlderInstallation(paths));
  await assertAllowed(paths, {
    knownToUs: record !== undefined,
    inUse: await directoriesInUse(paths, record, older),
  });
  await assertKubeletRoot(paths, record);
  // A record of another place is that of an installation that was moved here.
  if (record !== undefined || isDefaultDataDir(paths.dataDir) || older) return;
  // A command for clients may have unpacked programs there.
  const known = [recordFileName, ...((await hasStagedPrograms(paths)) ? ["bin"] : [])];
  const { others } = divideEntries(await namesIn(paths.dataDir), known);
  const mounts = await listMounts();
  const foreign: string[] = [];
  for (const name of others) {
    const expected = seedEntries.includes(name) || (await holdsNothing(join(paths.dataDir, name), mounts));
    if (!expected) foreign.push(name);
  }
  if (foreign.length === 0) return;
  throw new UserError(
    `--data-dir ${paths.dataDir} holds what k0s has not made: ${namedFirst(foreign, mostNamed)}`,
    {
      code: "foreign-directory",
      hint: `Choose a directory that is empty or does not exist. Only ${seedEntries.slice(0, 3).join(", ")} may be there before the first start.`,
    },
  );
}

/** A k0s that kept no record may have begun where none would begin today: that cluster goes on there. */
async function directoriesInUse(
  paths: NodePaths,
  record: InstallationRecord | undefined,
  older: boolean,
): Promise<readonly string[]> {
  const { dataDir, kubeletRootDir } = paths;
  const here = older || record?.dataDir === dataDir;
  const roots = here && (await isRootOfOurKubelet(paths)) ? [kubeletRootDir] : [];
  return here ? [dataDir, ...roots] : [];
}

/** Throws a UserError when the control plane's users cannot execute programs there. */
export async function assertOpenToUsers(
  dataDir: string,
  lookup: (name: string) => UserId | undefined = lookupUser,
): Promise<void> {
  const closed = await closedToUsers(dataDir, lookup);
  if (closed === undefined) return;
  const { dir, users } = closed;
  throw new UserError(
    `--data-dir ${dataDir}: ${dir} is closed to the users of the control plane (${users.join(", ")})`,
    {
      code: "closed-directory",
      hint: `Let everybody pass through it, \`chmod o+x ${dir}\`, or choose another place. To let only them pass, make these users first, and \`setfacl -m ${users.map((name) => `u:${name}:x`).join(",")} ${dir}\`.`,
    },
  );
}

/**
 * The first directory on the way that does not let them pass. One that existed keeps its mode and access list, so they must let all
 * of them pass: those that are not made yet as others.
 */
export async function closedToUsers(
  dataDir: string,
  lookup: (name: string) => UserId | undefined = lookupUser,
): Promise<{ readonly dir: string; readonly users: readonly string[] } | undefined> {
  for (let dir = dataDir; dir !== "/"; dir = dirname(dir)) {
    const info = await statIfExists(dir);
    if (info?.isDirectory() !== true) continue;
    const list = readAccessList(dir);
    // The usual mode: no user has to be looked up.
    if (list.length === 0 && info.uid === 0 && info.gid === 0 && (info.mode & 0o11) === 0o11) continue;
    const users = controlPlaneUsers.filter((name) => {
      const user = processIdentity(new Map([[name, lookup(name) ?? nobody]]), name) ?? nobody;
      return !allows(info, list, user, 0o1);
    });
    if (users.length > 0) return { dir, users };
  }
  return undefined;
}

/** A user that does not exist yet: no owner, group or entry is its own. */
const nobody: UserId = { uid: -1, gid: -1 };

async function assertKubeletRoot(paths: NodePaths, record: InstallationRecord | undefined): Promise<void> {
  const root = paths.kubeletRootDir;
  if (isIn(root, paths.dataDir) || record?.kubeletRootDirs.includes(root) === true) return;
  if (await isRootOfOurKubelet(paths)) return;
  const { others } = divideEntries(await namesIn(root), [...kubeletRootEntries, ...kubeletSeedEntries]);
  if (others.length === 0) return;
  throw new UserError(
    `--kubelet-root-dir ${root} holds what is not kubelet's: ${namedFirst(others, mostNamed)}`,
    {
      code: "foreign-directory",
      hint: "Choose a directory that is empty or does not exist.",
    },
  );
}

/** Throws a UserError for directories that can never be k0s' own. */
export async function assertAllowed(
  paths: NodePaths,
  { knownToUs, inUse = [] }: { readonly knownToUs: boolean; readonly inUse?: readonly string[] },
): Promise<void> {
  const facts: DirectoryFacts = {
    homes: homesOf((await readFileIfExists("/etc/passwd")) ?? "", controlPlaneUsers),
    workingDirectory: knownToUs ? "" : workingDirectory(),
  };
  const { dataDir, kubeletRootDir } = paths;
  const named = [
    { flag: "--data-dir", path: dataDir },
    ...(isIn(kubeletRootDir, dataDir) ? [] : [{ flag: "--kubelet-root-dir", path: kubeletRootDir }]),
  ];
  for (const { flag, path } of named) {
    const rule = inUse.includes(path) ? undefined : directoryRefusal(path, facts);
    const why = rule ?? (await danglingLink(path));
    if (why === undefined) continue;
    throw new UserError(`${flag} ${path} is refused: ${why}`, {
      code: "directory-refused",
      hint: `Give k0s a directory of its own, such as ${defaultDataDir}.`,
    });
  }
  if (dataDir !== kubeletRootDir) return;
  throw new UserError(`--kubelet-root-dir ${kubeletRootDir} is the data directory`, {
    code: "directory-refused",
    hint: "Leave it out, or choose another directory.",
  });
}

/** kubelet's own kubeconfig names its certificate by path, which an older k0s wrote as the user did: with links. */
export async function isRootOfOurKubelet({ kubeletKubeconfig, kubeletRootDir }: NodePaths): Promise<boolean> {
  const text = (await readFileIfExists(kubeletKubeconfig)) ?? "";
  return [...text.matchAll(/(\/[^\n"']*)\/pki\//g)].some(
    ([, root = ""]) => realPath(root) === kubeletRootDir,
  );
}

/** The real path still is a link only if that leads nowhere. */
async function danglingLink(path: string): Promise<string | undefined> {
  for (let at = path; at !== "/"; at = dirname(at)) {
    const info = await lstat(at).catch((err: unknown) => {
      if (isNotFound(err) || errno(err) === "ENOTDIR") return undefined;
      throw err;
    });
    if (info?.isSymbolicLink() === true)
      return `${at} is a symbolic link that leads nowhere; is a disk not mounted?`;
    if (info !== undefined) return undefined;
  }
  return undefined;
}

/**
 * A directory without a file in it, such as the place of a disk that is mounted for etcd before the first start, or
 * that reset has emptied. Network file systems are not looked into: their server may be away.
 */
export async function holdsNothing(path: string, mounts: readonly Mount[], depth = 0): Promise<boolean> {
  const mount = mounts.findLast(({ target }) => target === path);
  if (depth > deepestPlace || (mount !== undefined && !localTypes.has(mount.type))) return false;
  if (!(await lstat(path)).isDirectory()) return false;
  for (const name of await namesIn(path)) {
    if (mount !== undefined && name === "lost+found") continue;
    if (!(await holdsNothing(join(path, name), mounts, depth + 1))) return false;
  }
  return true;
}

/** etcd/member/wal */
const deepestPlace = 3;

/** Empty when it was deleted under us. */
function workingDirectory(): string {
  try {
    return process.cwd();
  } catch (err) {
    if (isNotFound(err)) return "";
    throw err;
  }
}
