// The checks of `k0s sysinfo` before a node starts. Upstream: internal/pkg/sysinfo/sysinfo.go (RunPreFlightChecks).

import { UserError } from "../../std/errors.ts";
import type { Logger } from "../../std/log.ts";
import { checkHost } from "../../host/sysinfo/checks.ts";
import { hasFailed, type ProbeReport } from "../../host/sysinfo/probe.ts";
import { thisHost, type ProbeHost } from "../../host/sysinfo/probe-host.ts";

export interface PreflightOptions {
  readonly controller: boolean;
  readonly worker: boolean;
  readonly dataDir: string;
  readonly log: Logger;
  /** Go on in spite of rejections. */
  readonly ignore: boolean;
}

export async function runPreflight(options: PreflightOptions, host: ProbeHost = thisHost): Promise<void> {
  const { log, ignore } = options;
  const reports = await checkHost(
    { ...options, informative: false },
    (report) => logReport(report, log),
    host,
  );
  const failed = reports.filter(hasFailed);
  if (failed.length === 0) return;
  if (ignore) {
    log.warn("Pre-flight checks failed, going on as asked", { failed: failed.length });
    return;
  }
  throw new UserError("pre-flight checks failed, check out `k0s sysinfo`", {
    code: "preflight",
    hint: failed
      .map(
        ({ displayName, prop, message, error }) =>
          `${displayName}: ${error?.message ?? [prop, message].filter(Boolean).join(", ")}`,
      )
      .join("\n"),
  });
}

function logReport(report: ProbeReport, log: Logger): void {
  const { category, displayName, prop, message, error } = report;
  const fields = {
    "pre-flight-check": displayName,
    ...(prop === "" ? {} : { found: prop }),
    ...(message === "" ? {} : { reason: message }),
    ...(error === null ? {} : { err: error }),
  };
  if (category === "pass") log.debug("Pre-flight check passed", fields);
  else if (category === "warning") log.warn("Pre-flight check warns", fields);
  else log.error("Pre-flight check failed", fields);
}
