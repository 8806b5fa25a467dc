// Flags that nearly every command has. Upstream: pkg/config/cli.go.

import { defaultDataDir } from "../../product/paths.ts";
import { boolFlag, obsoleteFlag, stringFlag } from "./flag.ts";

export const dataDirFlag = stringFlag(
  "data-dir",
  "directory of all data of this node; it cannot change later",
  {
    default: defaultDataDir,
  },
);
export const statusSocketFlag = stringFlag(
  "status-socket",
  "socket file of the status API (default <run-dir>/status.sock)",
);

export const persistentFlags = { dataDir: dataDirFlag, statusSocket: statusSocketFlag };

/** For commands where upstream once had the persistent flags and now ignores them. */
export const obsoletePersistentFlags = {
  dataDir: obsoleteFlag("data-dir"),
  statusSocket: obsoleteFlag("status-socket"),
};

const debugListenOn = stringFlag("debugListenOn", "address of the debug listener, opened with --debug only", {
  default: ":6060",
});

export const debugFlags = {
  debug: boolFlag("debug", "log everything (implies --verbose)", { short: "d" }),
  verbose: boolFlag("verbose", "log more", { short: "v" }),
  debugListenOn,
};

/** The debug flags of commands that run on and on: verbose unless told otherwise. */
export const daemonDebugFlags = {
  debug: debugFlags.debug,
  verbose: boolFlag("verbose", "log more", { short: "v", default: true }),
  debugListenOn,
};

export const configFlag = stringFlag(
  "config",
  "config file, - for standard input (default /etc/k0s/k0s.yaml)",
  {
    short: "c",
  },
);
