// kine: the etcd API on SQLite, PostgreSQL or MySQL. Upstream: pkg/component/controller/kine.go.

import { dirname, join, resolve } from "node:path";
import {
  durableDataSource,
  losesWritesInPowerCut,
  parseDataSource,
  withoutPassword,
} from "../../config/data-source.ts";
import { ensureDir, makeDir, writeFileAtomic } from "../../os/files.ts";
import { greetsHttp2 } from "../../os/http2-greeting.ts";
import { unreadableBecause, unwritableBecause } from "../../os/readable-file.ts";
import { removeFile } from "../../os/removal.ts";
import type { UserId } from "../../os/user-id.ts";
import { UserError } from "../../std/errors.ts";
import type { Component } from "../../supervisor/component.ts";
import { processOptions } from "../../supervisor/node-process.ts";
import { processComponent } from "../../supervisor/process-component.ts";
import { kineDeclaration } from "./declaration.ts";
import { assertDatabase, handOver, prepareDatabaseFile } from "./database-file.ts";
import { lookFirst } from "./look-first.ts";
import { followFile } from "./follow-file.ts";
import { openedFile } from "./opened-file.ts";
import { servedFiles } from "./served-files.ts";
import { databaseRefusal } from "./refusal.ts";
import { kineArgs, kineTlsFiles, sqliteFile } from "./flags.ts";
import {
  assertOwnDatastore,
  type DatastoreAccess,
  datastoreIdentity,
} from "../datastore-identity/component.ts";
import type { ControllerNode } from "../node-facts.ts";
import { databaseServer } from "./database-server.ts";
import { etcdReader } from "../datastore-identity/value.ts";
import { joinDeclaration } from "../controller-join/declaration.ts";
import { datastoreProgram } from "../staging.ts";

/** kine greets within a millisecond; a frozen one never. */
const greetingMs = 3_000;

/** With the database server that it needs, where it is one. */
export function kineDatastore(node: ControllerNode): readonly Component[] {
  const { config, paths, log } = node;
  const { dataSource } = config.spec.storage.kine;
  const server = databaseServer(dataSource, log);
  const before = [server ?? []].flat();
  return [
    ...before,
    {
      ...kine(node),
      dependsOn: [datastoreProgram, joinDeclaration, ...before],
    },
    datastoreIdentity(node, {
      after: kineDeclaration,
      ...accessAt(`unix:${paths.kineSocket}`, dataSource),
    }),
  ];
}

function accessAt(endpoint: string, dataSource: string): DatastoreAccess {
  const reader = etcdReader();
  return {
    what: withoutPassword(dataSource),
    read: (key, signal) => reader.read({ endpoint }, key, signal),
    close: () => reader.close(),
  };
}

function kine(node: ControllerNode): Component {
  const { config, paths } = node;
  const { dataSource } = config.spec.storage.kine;
  const owner = { uid: node.user(kineDeclaration.user)?.uid ?? 0, gid: 0 };
  // The data source holds the password: neither the argument list nor the environment is a place for it.
  const endpointFile = join(dirname(paths.kineSocket), "endpoint");
  const database = sqliteFile(dataSource, paths.dataDir);
  const file =
    database === undefined ? undefined : openedFile(database, servedFiles(paths.dataDir, node.log));
  let served = false;
  const common = { user: kineDeclaration.user, env: { KINE_ENDPOINT_FILE: endpointFile } };
  /** The database may have been made again meanwhile: kine would make its tables, and show an empty cluster. */
  const lookAtDatabase = async (signal: AbortSignal): Promise<void> => {
    const kineSocket = join(dirname(paths.kineSocket), "look.sock");
    await removeFile(kineSocket);
    const args = kineArgs(config, { ...paths, kineSocket });
    // It only reads, and may be killed.
    const process = processOptions(node, "kine-look", {
      ...common,
      binary: kineDeclaration.name,
      args,
      stopTimeoutMs: 200,
    });
    const access = accessAt(`unix:${kineSocket}`, dataSource);
    try {
      await lookFirst({ process, look: (abort) => assertOwnDatastore(node, access, abort) }, signal);
    } finally {
      access.close?.();
    }
    await removeFile(kineSocket);
  };
  const component = processComponent({
    process: processOptions(node, kineDeclaration.name, {
      ...common,
      args: kineArgs(config, paths),
      // It takes two seconds at most; while it cannot reach its database it does not listen to SIGTERM at all.
      stopTimeoutMs: 3_000,
      beforeStart: async (signal) => {
        // Before the looks: what is put there meanwhile is another one.
        await file?.opening();
        // kine would make an empty one, and kube-apiserver, which runs, would show an empty cluster to kubelets.
        if (served && database !== undefined) await assertDatabase(database);
        await file?.assertNoForeignLog();
        // Put there by root while k0s runs.
        if (served && database !== undefined) {
          await prepareDatabaseDirectory(dirname(database), paths.dataDir, owner);
          await handOver(database, paths.dataDir, owner);
        }
        if (served && (file?.isAnother() ?? true)) await lookAtDatabase(signal);
        if (file?.isAnother() === true)
          node.log.warn(
            "kine goes on with another file of this cluster. kube-apiserver may show what only the one before had: restart k0s",
            { component: kineDeclaration.name, file: file.path },
          );
        // A socket file that a killed kine left makes the next one fail to listen.
        await removeFile(paths.kineSocket);
      },
    }),
    init: async () => {
      if (losesWritesInPowerCut(dataSource)) {
        node.log.warn("The data source lets a power cut take acknowledged writes back", {
          field: "spec.storage.kine.dataSource",
          parameter: "_synchronous",
        });
      }
      await ensureDir(dirname(paths.kineSocket), { mode: 0o755, ...owner });
      await writeFileAtomic(endpointFile, durableDataSource(dataSource), { mode: 0o400, ...owner });
      if (database !== undefined) {
        await prepareDatabaseDirectory(dirname(database), paths.dataDir, owner);
        await prepareDatabaseFile(database, paths.dataDir, owner);
      }
      await assertTlsFilesReadable(node, owner.uid);
    },
    readiness: {
      // Readiness through the socket only: kube-apiserver's own /readyz writes and reads through it a second later.
      what: "kine's socket",
      intervalMs: 20,
      probe: async (signal) => {
        const patience = AbortSignal.any([signal, AbortSignal.timeout(greetingMs)]);
        const present = file?.present();
        if (await greetsHttp2(paths.kineSocket, patience)) {
          await file?.serves(present);
          return (served = true);
        }
        const refusal = databaseRefusal(component.inspect?.().lastOutput ?? [], parseDataSource(dataSource));
        if (refusal !== undefined) throw refusal;
        return false;
      },
    },
  });
  return file === undefined ? component : followFile(component, { file, log: node.log });
}

/** One of k0s' own is kine's alone; any other that exists keeps its owner and mode, and must let kine write. */
async function prepareDatabaseDirectory(dir: string, dataDir: string, owner: UserId): Promise<void> {
  if (dir.startsWith(`${dataDir}/`)) return ensureDir(dir, { mode: 0o750, ...owner });
  if (await makeDir(dir, { mode: 0o750, ...owner })) return;
  const problem = await unwritableBecause(dir, owner);
  if (problem === undefined) return;
  throw new UserError(`spec.storage.kine.dataSource: ${problem}`, {
    code: "unwritable-directory",
    hint: `kine keeps its database as user kube-apiserver. Name a file in a directory of its own, which k0s makes, or give it this one: \`chown kube-apiserver ${dir}\`.`,
  });
}

async function assertTlsFilesReadable({ config, paths }: ControllerNode, uid: number): Promise<void> {
  for (const { field, path } of kineTlsFiles(config)) {
    const problem = await unreadableBecause(resolve(paths.dataDir, path), { uid, gid: 0 });
    if (problem === undefined) continue;
    throw new UserError(`${field}: ${problem}`, {
      code: "unreadable-file",
      hint: "kine reads it as user kube-apiserver, which is in group root: mode 0640 and owner root:root are enough.",
    });
  }
}
