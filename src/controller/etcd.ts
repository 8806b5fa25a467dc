// The managed etcd member. Upstream: pkg/component/controller/etcd.go; reference §7.2.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { chownTree, ensureDir } from "../os/files.ts";
import type { Component } from "../supervisor/component.ts";
import { processOptions } from "../supervisor/node-process.ts";
import { processComponent } from "../supervisor/process-component.ts";
import { etcdArgs } from "./etcd-flags.ts";
import type { ProcessContext } from "./process-context.ts";

export interface EtcdOptions {
  readonly memberName: string;
  readonly logLevel: string;
}

export function etcd(context: ProcessContext, options: EtcdOptions): Component {
  const { config, paths } = context;
  return processComponent({
    process: processOptions(context, "etcd", { user: "etcd", args: etcdArgs({ config, paths, ...options }) }),
    init: async () => {
      const owner = { uid: context.user("etcd")?.uid ?? 0, gid: 0 };
      await ensureDir(paths.etcdDataDir, { mode: 0o700, ...owner });
      await chownTree(paths.etcdDataDir, owner.uid, owner.gid);
    },
    readiness: {
      what: "https://127.0.0.1:2379/health",
      intervalMs: 50,
      probe: async (signal) => {
        const [ca, cert, key] = await Promise.all([
          readFile(join(paths.etcdPkiDir, "ca.crt"), "utf8"),
          readFile(join(paths.pkiDir, "apiserver-etcd-client.crt"), "utf8"),
          readFile(join(paths.pkiDir, "apiserver-etcd-client.key"), "utf8"),
        ]);
        const answer = await fetch("https://127.0.0.1:2379/health", { tls: { ca, cert, key }, signal });
        const { health } = (await answer.json()) as { health?: string };
        return health === "true";
      },
    },
  });
}
