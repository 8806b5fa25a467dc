// The host below the node: whether its disks can be written to and its clock is right.

import { clockToleranceMs, type FileSystemRoom, hostProblems } from "../../../status/problems/host.ts";
import type { ExaminedNode } from "../examined-node.ts";
import { all, type Finding, linkNames, type Verdict, verdictOf } from "../finding.ts";
import { link } from "../link.ts";

export interface HostFindings {
  readonly rooms: readonly FileSystemRoom[];
  /** Of a worker: how far its clock is ahead of the API server's. */
  readonly clockAheadMs: number | undefined;
}

export const hostLink = link<HostFindings>({
  name: "host",
  look: async ({ node, shared }) => {
    const { rooms } = await shared.host();
    const api = node.role === "worker" ? await shared.api() : undefined;
    return { rooms, clockAheadMs: api?.kind === "answers" ? api.clockAheadMs : undefined };
  },
  judge: judgeHost,
});

export function judgeHost(
  { rooms, clockAheadMs }: HostFindings,
  { now }: Pick<ExaminedNode, "now">,
): Verdict {
  const problems = hostProblems(
    { rooms, certificates: [], damaged: [], cniFiles: [], networkProvider: undefined, clockAheadMs },
    now,
  );
  return verdictOf(
    problems.map(({ text, remedy = "look at the log of the kernel: dmesg" }): Finding => {
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
        explains: all(...linkNames.filter((name) => name !== "host" && name !== "ports")),
      };
    }),
  );
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
