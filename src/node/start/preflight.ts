// The checks of `k0s sysinfo` before a node starts. Upstream: internal/pkg/sysinfo/sysinfo.go (RunPreFlightChecks).

import { UserError } from "../../std/errors.ts";
import type { Logger } from "../../std/log.ts";
import { checkHost, type SysinfoOptions } from "../../host/sysinfo/checks.ts";
import { hasFailed, type ProbeReport } from "../../host/sysinfo/probe.ts";
import type { ProbeHost } from "../../host/sysinfo/probe-host.ts";

export interface PreflightOptions extends Omit<SysinfoOptions, "informative"> {
  readonly log: Logger;
  /** Go on in spite of rejections. */
  readonly ignore: boolean;
}

export async function runPreflight(options: PreflightOptions, host: ProbeHost): Promise<void> {
  const { log, ignore } = options;
  const reports = await checkHost(options, host, (report) => logReport(report, log));
  const failed = reports.filter(hasFailed);
  if (failed.length === 0) return;
  if (ignore) {
    log.warn("Pre-flight checks failed, going on as asked", { failed: failed.length });
    return;
  }
  throw new UserError("pre-flight checks failed, check out `k0s sysinfo`", {
    code: "preflight",
    hint: failed.map(failureText).join("\n"),
  });
}

function failureText({ displayName, prop, message, error, remedy }: ProbeReport): string {
  const what = error?.message ?? [prop, message].filter(Boolean).join(", ");
  return [`${displayName}: ${what}`, remedy].filter(Boolean).join(". ");
}

function logReport(report: ProbeReport, log: Logger): void {
  const { category, displayName, prop, message, error, remedy } = report;
  const fields = {
    "pre-flight-check": displayName,
    ...(prop === "" ? {} : { found: prop }),
    ...(message === "" ? {} : { reason: message }),
    ...(remedy === "" ? {} : { remedy }),
    ...(error === null ? {} : { err: error }),
  };
  if (category === "pass") log.debug("Pre-flight check passed", fields);
  else if (category === "warning") log.warn("Pre-flight check warns", fields);
  else log.error("Pre-flight check failed", fields);
}
