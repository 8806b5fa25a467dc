// How long the maker of a cluster waits for it: as long as something changes, and not for what cannot get well. Pure but
// for what it remembers.

import type { NodeStatus } from "./node-status.ts";

export interface NodeReport {
  readonly machine: string;
  /** Undefined while no k0s answers. */
  readonly status: NodeStatus | undefined;
}

export interface Patience {
  /**
   * Takes note of how the nodes are; returns why there is nothing more to wait for, once that is so. `slowness` says
   * how many times slower than usual everything goes since the last call: all limits are longer by it.
   */
  lost(reports: readonly NodeReport[], slowness?: number): string | undefined;
}

export interface PatienceRules {
  /** A process that has ended this often … */
  readonly restarts: number;
  /** … and for this long does not get well by itself. */
  readonly downMs: number;
  /** After this long without a change it is given up. */
  readonly standstillMs: number;
}

export const defaultPatience: PatienceRules = { restarts: 5, downMs: 20_000, standstillMs: 300_000 };

/** `now` gives milliseconds of a clock that does not jump. */
export function createPatience(
  rules: PatienceRules = defaultPatience,
  now: () => number = () => performance.now(),
): Patience {
  let seen = "";
  let calledAt = now();
  /** Time, less what the host was too slow for, in milliseconds. */
  let given = 0;
  let changedAt = 0;
  const downSince = new Map<string, number>();
  return {
    lost(reports, slowness = 1) {
      const calledBefore = calledAt;
      calledAt = now();
      given += (calledAt - calledBefore) / slowness;
      const text = whatIsMissing(reports).map(withoutCounts).join("\n");
      if (text !== seen) changedAt = given;
      seen = text;
      const down = reports.flatMap(({ machine, status }) =>
        (status?.Components ?? [])
          .filter(({ state, restarts }) => state === "backing-off" && restarts >= rules.restarts)
          .map(({ name }) => ({ key: `${machine}/${name}`, reason: reasonOf(machine, name, status) })),
      );
      for (const key of downSince.keys()) if (!down.some((one) => one.key === key)) downSince.delete(key);
      for (const { key } of down) if (!downSince.has(key)) downSince.set(key, given);
      const hopeless = down.find(({ key }) => given - (downSince.get(key) ?? given) >= rules.downMs);
      if (hopeless !== undefined) return hopeless.reason;
      return given - changedAt >= rules.standstillMs ? whatIsMissing(reports).join("\n") : undefined;
    },
  };
}

/** For each node that is not well its first problem, or what it waits for; empty when all are well. */
export function whatIsMissing(reports: readonly NodeReport[]): string[] {
  return reports.flatMap(({ machine, status }) => {
    const missing = missingOn(status);
    return missing === undefined ? [] : [`${machine}: ${missing}`];
  });
}

function missingOn(status: NodeStatus | undefined): string | undefined {
  if (status === undefined) return "k0s to answer";
  const [problem] = status.Problems;
  if (problem !== undefined) return problem;
  if (status.Cluster === undefined) return "the API server";
  return status.Cluster.Ready ? undefined : (status.Cluster.WaitingFor[0] ?? "the cluster");
}

function reasonOf(machine: string, component: string, status: NodeStatus | undefined): string {
  const problem = status?.Problems.find((text) => text.startsWith(`${component} `));
  return `${machine}: ${problem ?? `${component} is backing off`}`;
}

/** Restarts, seconds and the like count on while nothing happens. */
function withoutCounts(text: string): string {
  return text.replaceAll(/\d+/g, "#");
}
