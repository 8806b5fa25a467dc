// The log level of a component while it runs: which of its lines get into the log, and the level that its process is started with.

import type { LogLevel } from "../std/log.ts";

export interface LogLevelChange {
  /** Lines from this level on are logged; null: as at the start of k0s. */
  readonly shown: LogLevel | null;
  /** As the argument of its process says it, from the next start of that on; null: as it was; absent: stays. */
  readonly own?: string | null;
}

/** The arguments with another level, or undefined if they do not say one, or not one of this kind. */
export function withLogLevel(args: readonly string[], level: string): readonly string[] | undefined {
  const at = args.findLastIndex((arg) => levelArgument.test(arg));
  const name = levelArgument.exec(args[at] ?? "")?.[1];
  if (name === undefined || !levels[name]?.test(level)) return undefined;
  return args.with(at, `${name}${level}`);
}

const levelArgument = /^(--v=|--log-level=)/;

/** Kubernetes' and konnectivity's, etcd's and containerd's. */
const levels: Readonly<Record<string, RegExp>> = {
  "--v=": /^\d{1,2}$/,
  "--log-level=": /^(debug|info|warn|error)$/,
};
