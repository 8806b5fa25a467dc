// kine: the etcd API on SQLite. Upstream: pkg/component/controller/kine.go; reference §7.3.

import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { ensureDir } from "../os/files.ts";
import { acceptsConnections } from "../os/unix-socket.ts";
import type { Component } from "../supervisor/component.ts";
import { processOptions } from "../supervisor/node-process.ts";
import { processComponent } from "../supervisor/process-component.ts";
import { kineArgs, sqliteFile } from "./kine-flags.ts";
import type { ProcessContext } from "./process-context.ts";

export function kine(context: ProcessContext): Component {
  const { config, paths } = context;
  return processComponent({
    process: processOptions(context, "kine", {
      user: "kube-apiserver",
      args: kineArgs(config, paths),
      // A socket file that a killed kine left makes the next one fail to listen.
      beforeStart: () => rm(paths.kineSocket, { force: true }),
    }),
    init: async () => {
      const owner = { uid: context.user("kube-apiserver")?.uid ?? 0, gid: 0 };
      await ensureDir(dirname(paths.kineSocket), { mode: 0o755, ...owner });
      const database = sqliteFile(config.spec.storage.kine.dataSource);
      if (database !== undefined) await ensureDir(dirname(database), { mode: 0o750, ...owner });
    },
    // Readiness through the socket only: kube-apiserver's own /readyz writes and reads through it a second later.
    readiness: { what: "kine's socket", intervalMs: 20, probe: () => acceptsConnections(paths.kineSocket) },
  });
}
