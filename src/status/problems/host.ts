// What is wrong with the host below a node, as far as it keeps the node from working. Pure.

import { formatBytes } from "../../std/bytes.ts";
import { certificateProblems, type KnownCertificate } from "./certificates.ts";
import { type CniFile, foreignCniProblem } from "./cni-config.ts";
import type { Problem } from "./problem.ts";

export interface FileSystemRoom {
  /** A directory that k0s writes to. */
  readonly path: string;
  readonly freeBytes: number;
  readonly freeInodes: number;
  /** Why nothing can be written there, e.g. `the file system is read-only`. */
  readonly notWritable?: string;
}

/** What is seen of one directory. */
export interface Room extends FileSystemRoom {
  /** Of its file system; one may be mounted in several places, and read-only in some of them. */
  readonly device: number;
}

/** What is wrong with a file or a directory of k0s, though what runs may not have met it yet. */
export interface FileFault extends Problem {
  /** `directory`: programs cannot enter it. `key`: of an authority, gone. `drop-in`: of containerd. */
  readonly kind: "directory" | "key" | "drop-in";
  readonly path: string;
}

export interface HostFacts {
  readonly rooms: readonly FileSystemRoom[];
  readonly certificates: readonly KnownCertificate[];
  /** Paths of files that should hold a certificate and do not. */
  readonly damaged: readonly string[];
  readonly cniFiles: readonly CniFile[];
  readonly fileFaults: readonly FileFault[];
  /** Of the cluster's network; undefined where no pods run or it is not known yet. */
  readonly networkProvider: string | undefined;
  /** How far this host's clock is ahead of the API server's; undefined when that is the same host or not known. */
  readonly clockAheadMs: number | undefined;
}

/** With less, a datastore cannot grow its log, or a component cannot write its state. */
export const leastFreeBytes = 64 * 1024 * 1024;
export const leastFreeInodes = 1_000;
/** What certificates and leases tolerate. */
export const clockToleranceMs = 30_000;

export function hostProblems(facts: HostFacts, now: Date): Problem[] {
  const cni =
    facts.networkProvider === undefined
      ? undefined
      : foreignCniProblem(facts.cniFiles, facts.networkProvider);
  return [
    ...facts.fileFaults,
    ...facts.rooms.flatMap(roomProblem),
    ...clockProblem(facts.clockAheadMs, now),
    ...certificateProblems(facts.certificates, now),
    ...facts.damaged.map((path) => ({
      text: `${path} holds no certificate that can be read`,
      remedy: "put it back from a backup, or remove it and its key and restart k0s",
    })),
    ...(cni === undefined ? [] : [cni]),
  ];
}

/** One directory speaks for all on its file system that can be written to, or cannot, for the same reason. */
export function onePerFileSystem(rooms: readonly Room[]): FileSystemRoom[] {
  const alike = (a: Room, b: Room): boolean => a.device === b.device && a.notWritable === b.notWritable;
  return rooms.filter((room, index) => rooms.findIndex((one) => alike(one, room)) === index);
}

function roomProblem({ path, freeBytes, freeInodes, notWritable }: FileSystemRoom): Problem[] {
  if (notWritable !== undefined)
    return [
      { text: `cannot write to ${path}: ${notWritable}`, remedy: "the log of the kernel may say why: dmesg" },
    ];
  if (freeBytes < leastFreeBytes)
    return [
      {
        text: `the disk of ${path} is full: ${formatBytes(freeBytes)} are free`,
        remedy: "free some space there",
      },
    ];
  if (freeInodes < leastFreeInodes)
    return [
      {
        text: `the file system of ${path} is full: only ${freeInodes} more files can be made`,
        remedy: "remove some files there",
      },
    ];
  return [];
}

function clockProblem(aheadMs: number | undefined, now: Date): Problem[] {
  if (aheadMs === undefined || Math.abs(aheadMs) <= clockToleranceMs) return [];
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  const way = aheadMs > 0 ? "ahead of" : "behind";
  return [
    {
      text: `the clock of this host is ${seconds} s ${way} that of the API server: it is ${now.toISOString()} here`,
      remedy: "set it right, e.g. with NTP",
    },
  ];
}
