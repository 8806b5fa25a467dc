// Looks at the host now and then: its disks, the certificates on it, and what others left in the folder of network
// configurations. A file system that hangs holds up this loop alone.

import { readdir, statfs } from "node:fs/promises";
import { join } from "node:path";
import { notWritableBecause } from "../../os/disk-space.ts";
import { readFileIfExists, statIfExists } from "../../os/files.ts";
import { parseCertificate } from "../../pki/observe.ts";
import { isNotFound } from "../../std/errors.ts";
import type { KnownCertificate } from "../problems/certificates.ts";
import { cniConfDir } from "../../product/paths.ts";
import type { CniFile } from "../problems/cni-config.ts";
import { type FileFault, type HostFacts, onePerFileSystem, type Room } from "../problems/host.ts";

export interface WatchedHost {
  /** Directories that are written to; those that do not exist yet are left out. */
  readonly directories: readonly string[];
  /** Files of certificates that this node uses; those that do not exist are left out. */
  readonly certificates: readonly string[];
  /** Kubelet's folder of certificates; undefined where it does not run. */
  readonly kubeletPkiDir: string | undefined;
  /** What k0s would refuse to start with, or to do its work with. */
  readonly fileFaults: () => Promise<readonly FileFault[]>;
}

export type ObservedHost = Pick<HostFacts, "rooms" | "certificates" | "damaged" | "cniFiles" | "fileFaults">;

export async function observeHost(watched: WatchedHost): Promise<ObservedHost> {
  const { directories, kubeletPkiDir } = watched;
  const [rooms, certificates, kubelets, cniFiles, fileFaults] = await Promise.all([
    Promise.all(directories.map(roomOf)),
    certificatesAt(watched.certificates, false),
    kubeletPkiDir === undefined ? [] : kubeletCertificates(kubeletPkiDir),
    cniFilesIn(cniConfDir),
    watched.fileFaults(),
  ]);
  return {
    rooms: onePerFileSystem(rooms.filter((room) => room !== undefined)),
    ...sorted([...certificates, ...kubelets]),
    cniFiles,
    fileFaults,
  };
}

/** A path alone stands for a file that holds no certificate. */
function sorted(found: readonly (KnownCertificate | string)[]): Pick<HostFacts, "certificates" | "damaged"> {
  return {
    certificates: found.filter((one) => typeof one !== "string"),
    damaged: found.filter((one) => typeof one === "string"),
  };
}

async function roomOf(path: string): Promise<Room | undefined> {
  const found = await statIfExists(path);
  if (found === undefined) return undefined;
  const [{ bavail, bsize, ffree, files }, notWritable] = await Promise.all([
    statfs(path),
    notWritableBecause(path),
  ]);
  return {
    path,
    device: found.dev,
    freeBytes: bavail * bsize,
    // Some file systems, such as btrfs, have no fixed number of them.
    freeInodes: files === 0 ? Number.POSITIVE_INFINITY : ffree,
    ...(notWritable === undefined ? {} : { notWritable }),
  };
}

async function kubeletCertificates(dir: string): Promise<(KnownCertificate | string)[]> {
  const names = (await namesIn(dir)).filter((name) => name.endsWith("-current.pem"));
  return certificatesAt(
    names.map((name) => join(dir, name)),
    true,
  );
}

async function certificatesAt(
  paths: readonly string[],
  ofKubelet: boolean,
): Promise<(KnownCertificate | string)[]> {
  const found = await Promise.all(paths.map(async (path) => ({ path, text: await readFileIfExists(path) })));
  return found.flatMap(({ path, text }) =>
    text === undefined ? [] : [certificateOf(path, text, ofKubelet)],
  );
}

function certificateOf(path: string, text: string, ofKubelet: boolean): KnownCertificate | string {
  try {
    const { notBefore, notAfter, isAuthority } = parseCertificate(certificatePart(text));
    return { path, ofKubelet, notBefore, notAfter, isAuthority };
  } catch {
    // Whatever is wrong with it, it is called damaged.
    return path;
  }
}

/** Kubelet keeps its key in the same file. */
function certificatePart(text: string): string {
  return /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/.exec(text)?.[0] ?? text;
}

async function cniFilesIn(dir: string): Promise<CniFile[]> {
  const files = await Promise.all(
    (await namesIn(dir)).map(async (name) => ({ name, text: await textOf(join(dir, name)) })),
  );
  return files.flatMap(({ name, text }) => (text === undefined ? [] : [{ name, text }]));
}

async function textOf(path: string): Promise<string | undefined> {
  const found = await statIfExists(path);
  return found?.isFile() === true ? readFileIfExists(path) : undefined;
}

async function namesIn(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (err) {
    if (isNotFound(err)) return [];
    throw err;
  }
}
