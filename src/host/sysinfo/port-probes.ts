// The ports of a node: free, or whose they are.

import type { PortUse } from "../../os/ports.ts";
import { type Finding, found } from "./finding.ts";
import { pass, type Outcome, type Probe } from "./probe.ts";
import type { PortHolder } from "./probe-host.ts";

export const portTaken: Finding = {
  category: "rejected",
  message: "{process} needs it",
  why: "Two processes cannot listen on one port: a controller does not start, a worker waits until it is free.",
  remedy: "Stop that process{kill}{move}.",
};

/** One line while all is well, and one for each port that is taken. */
export function portsProbe(uses: readonly PortUse[]): Probe {
  return {
    id: "ports",
    displayName: "Ports",
    check: async (host) => {
      const taken = await host.holders(uses);
      const numbers = [...new Set(uses.map(({ port }) => port))].toSorted((a, b) => a - b);
      if (taken.length === 0) return pass(`${numbers.join(" ")} free`);
      return pass(`${numbers.length - taken.length} of ${numbers.length} free`);
    },
    children: async (host) => {
      const running = await host.isRunning();
      const taken = await host.holders(uses);
      return taken.map((holder) => ({
        id: `port:${holder.use.port}`,
        displayName: `Port ${holder.use.port}`,
        check: async () => holderOutcome(holder, running),
      }));
    },
  };
}

function holderOutcome({ use, process, own }: PortHolder, running: boolean): Outcome {
  // A person who is not root does not see whose the ports of a running k0s are.
  if (own || (running && process === undefined)) return pass("in use by k0s");
  const holder =
    process === undefined
      ? "another process"
      : `${process.name}, pid ${process.pid}${process.program === undefined ? "" : `, ${process.program}`}`;
  return found(portTaken, `in use by ${holder}`, {
    process: use.process,
    kill: process === undefined ? "" : ` (\`kill ${process.pid}\`, or its service)`,
    move: use.setting === undefined ? "" : `, or choose another port with ${use.setting}`,
  });
}
