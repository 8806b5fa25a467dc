// The host below the node: whether its disks can be written to and its clock is right.

import {
  clockToleranceMs,
  type FileFault,
  type FileSystemRoom,
  hostProblems,
} from "../../../status/problems/host.ts";
import type { ExaminedNode } from "../examined-node.ts";
import { all, type Finding, linkNames, type Verdict, verdictOf } from "../finding.ts";
import { link } from "../link.ts";

export interface HostFindings {
  readonly rooms: readonly FileSystemRoom[];
  readonly closed: readonly FileFault[];
  /** Of a worker: how far its clock is ahead of the API server's. */
  readonly clockAheadMs: number | undefined;
}

export const hostLink = link<HostFindings>({
  name: "host",
  look: async ({ node, shared }) => {
    const { rooms, fileFaults } = await shared.host();
    const closed = fileFaults.filter(({ kind }) => kind === "directory");
    const api = node.role === "worker" ? await shared.api() : undefined;
    return { rooms, closed, clockAheadMs: api?.kind === "answers" ? api.clockAheadMs : undefined };
  },
  judge: judgeHost,
});

export function judgeHost(
  { rooms, closed, clockAheadMs }: HostFindings,
  { now }: Pick<ExaminedNode, "now">,
): Verdict {
  const problems = hostProblems(
    {
      rooms,
      certificates: [],
      damaged: [],
      cniFiles: [],
      fileFaults: [],
      networkProvider: undefined,
      clockAheadMs,
    },
    now,
  );
  return verdictOf([
    ...closed.map(closedFinding),
    ...problems.map(({ text, remedy = "look at the log of the kernel: dmesg" }): Finding => {
      const isClock = text.startsWith("the clock");
      return {
        link: "host",
        what: text,
        evidence: isClock
          ? [`certificates and leases tolerate ${clockToleranceMs / 1000} s`]
          : evidenceOf(rooms, text),
        effect: isClock
          ? "certificates count as invalid, leases as expired"
          : "the datastore and the components cannot write their state",
        remedy,
        explains: explained,
      };
    }),
  ]);
}

const explained = all(...linkNames.filter((name) => name !== "host" && name !== "ports"));

/** What runs goes on until it opens a file or is started again, so that the faults that follow come one by one. */
function closedFinding({ path, text, remedy = "" }: FileFault): Finding {
  return {
    link: "host",
    about: path,
    what: text,
    evidence: [
      `the mode or the access list of ${path}: below it they execute no program and open no file (EACCES)`,
    ],
    effect: "the control plane's programs cannot start, or read their certificates",
    remedy,
    // Doctor itself, as root, looks at files as well as ever.
    explains: explained.filter(({ link: name }) => name !== "certificates"),
  };
}

function evidenceOf(rooms: readonly FileSystemRoom[], text: string): string[] {
  return rooms
    .filter(({ path }) => text.includes(path))
    .slice(0, 1)
    .map(({ path, freeBytes, freeInodes }) => {
      const inodes = Number.isFinite(freeInodes) ? `, ${freeInodes} more files` : "";
      return `statfs ${path}: ${freeBytes} bytes free${inodes}`;
    });
}
