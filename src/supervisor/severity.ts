// Reads how serious a line of a component is: klog (Kubernetes, konnectivity), zap JSON (etcd), logrus (containerd,
// kine, runc), Calico's CNI plug-ins (through containerd), Go's plain log. What is not recognised counts as a warning,
// so that a panic is never swallowed.

import type { LogLevel } from "../std/log.ts";

/** The severity of one line of output; undefined if the line does not say. */
export function lineSeverity(line: string): LogLevel | undefined {
  if (harmless.some((pattern) => pattern.test(line))) return "info";
  const klog = /^([IWEF])\d{4} \d\d:\d\d:\d\d\.\d+\s/.exec(line)?.[1];
  if (klog !== undefined) return klogLevels[klog];
  const word =
    /^\{.{0,200}?"level":"([a-zA-Z]+)"/.exec(line)?.[1] ??
    /^time=(?:"[^"]*"|\S+) level=([a-zA-Z]+)/.exec(line)?.[1] ??
    /^([A-Z]{4,5})\[[-:.\dTZ+]+\] /.exec(line)?.[1] ??
    /^(?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ )?\[([A-Za-z]{4,7})\][[ ]/.exec(line)?.[1];
  if (word !== undefined) return words[word.toLowerCase()];
  return /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d(\.\d+)? /.test(line) ? "info" : undefined;
}

/** What components say at every start, or again and again, with too high a severity. */
const harmless = [
  / Skipping API \S+ because it has no resources\.$/,
  / The manifest file is empty, ignoring\.$/,
  // At each of our requests (ADR 14): with certificates alone, the name in ours gives no rights that could be ignored.
  /"msg":"ignoring common name in gRPC-gateway proxy request"/,
  // Before the error that tells which aggregated API has no answer.
  / handler_proxy\.go:\d+\] no RequestInfo found in the context$/,
];

const ranks: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** True if a line of `severity` belongs in a log of `level`. */
export function isLoggable(severity: LogLevel, level: LogLevel): boolean {
  return ranks[severity] >= ranks[level];
}

const klogLevels: Readonly<Record<string, LogLevel>> = { I: "info", W: "warn", E: "error", F: "error" };

const words: Readonly<Record<string, LogLevel>> = {
  trace: "debug",
  trac: "debug",
  debug: "debug",
  debu: "debug",
  info: "info",
  warn: "warn",
  warning: "warn",
  error: "error",
  erro: "error",
  dpanic: "error",
  panic: "error",
  pani: "error",
  fatal: "error",
  fata: "error",
};
