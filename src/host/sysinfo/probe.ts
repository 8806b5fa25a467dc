// What a check of the host is: data with one function each. Upstream: internal/pkg/sysinfo/probes/probes.go.

import type { ProbeHost } from "./probe-host.ts";

/** `rejected` and `error` mean that k0s cannot run here; `warning` passes. */
export type Category = "pass" | "warning" | "rejected" | "error";

export interface Outcome {
  readonly category: Category;
  /** What was found, e.g. `1.9 GiB`. */
  readonly prop: string;
  readonly message?: string;
  /** What comes of it if nothing is done. */
  readonly why?: string;
  /** What to do, commands in backquotes. */
  readonly remedy?: string;
  readonly error?: Error;
}

export interface Probe {
  /** Last part of the path, e.g. `memory`. */
  readonly id: string;
  readonly displayName: string;
  check(host: ProbeHost): Promise<Outcome>;
  /** Nested probes; a function where they depend on what the host has. */
  readonly children?: readonly Probe[] | ((host: ProbeHost) => Promise<readonly Probe[]>);
}

export interface ProbeReport {
  readonly path: readonly string[];
  readonly displayName: string;
  readonly prop: string;
  readonly message: string;
  readonly category: Category;
  readonly error: Error | null;
  /** Empty where there is nothing to do. */
  readonly why: string;
  readonly remedy: string;
}

export const pass = (prop: string): Outcome => ({ category: "pass", prop });

/** Runs probes in order, parents before their children. A probe that throws counts as an error, and the others go on. */
export async function runProbes(
  probes: readonly Probe[],
  host: ProbeHost,
  onReport: (report: ProbeReport) => void,
  parents: readonly string[] = [],
): Promise<void> {
  for (const probe of probes) {
    const path = [...parents, probe.id];
    onReport(toReport(probe, path, await outcomeOf(probe, host)));
    const children =
      typeof probe.children === "function" ? await probe.children(host) : (probe.children ?? []);
    await runProbes(children, host, onReport, path);
  }
}

export function hasFailed(report: ProbeReport): boolean {
  return report.category === "rejected" || report.category === "error";
}

async function outcomeOf(probe: Probe, host: ProbeHost): Promise<Outcome> {
  try {
    return await probe.check(host);
  } catch (err) {
    return { category: "error", prop: "", error: err instanceof Error ? err : new Error(String(err)) };
  }
}

function toReport(probe: Probe, path: readonly string[], outcome: Outcome): ProbeReport {
  return {
    path,
    displayName: probe.displayName,
    prop: outcome.prop,
    message: outcome.message ?? "",
    category: outcome.category,
    error: outcome.error ?? null,
    why: outcome.why ?? "",
    remedy: outcome.remedy ?? "",
  };
}
