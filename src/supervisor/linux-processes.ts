// Supervised processes on Linux: signals, process groups, and /proc to know a process again.

import { endGroupRemains } from "../os/process-group.ts";
import { processInfo } from "../os/processes.ts";
import { endLeftOver, removePidFile } from "./left-over.ts";
import { keepPidFile } from "./pid-file.ts";
import type { ProcessSystem } from "./process-options.ts";
import { argv0Of, spawnChild } from "./spawn-child.ts";

export const linuxProcesses: ProcessSystem = {
  programSuffix: "",
  spawn: spawnChild,
  endRemains: ({ pid }) => endGroupRemains(pid),
  endLeftOver: (options, how) => endLeftOver(options.pidFile, argv0Of(options), how),
  note: async ({ pidFile, pidFileRetryMs }, { pid }, log) => {
    const info = await processInfo(pid);
    if (info === undefined || info.state === "Z") return undefined;
    return keepPidFile(pidFile, info, {
      log,
      ...(pidFileRetryMs === undefined ? {} : { pauseMs: pidFileRetryMs }),
    });
  },
  forget: ({ pidFile }) => removePidFile(pidFile),
};
