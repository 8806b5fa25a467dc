// `k0s restore`. Upstream: cmd/restore/restore_unix.go.

import { mkdtemp, open } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { claimRuntime, isRuntimeClaimed } from "../../config/runtime-config.ts";
import { restoredConfigName } from "../../host/backup/layout.ts";
import { assertMayUse } from "../../host/own-directories.ts";
import { type Restored, restoreBackup } from "../../host/restore/restore.ts";
import { nodeName } from "../../node/name.ts";
import { publicAddress } from "../../os/addresses.ts";
import { statIfExists, writeFileAtomic } from "../../os/files.ts";
import { removeTree } from "../../os/removal.ts";
import { nodePaths } from "../../product/paths.ts";
import { UserError } from "../../std/errors.ts";
import { createLogger } from "../../std/logfmt.ts";
import type { Invocation } from "../core/command.ts";
import type { CliIo } from "../core/io.ts";
import { logLevel } from "../core/log-level.ts";
import { requireRoot } from "../core/require-root.ts";
import { stagedBinary } from "../core/staged-binary.ts";
import type { restoreFlags } from "./command.ts";

export async function restore({ flags, args, io }: Invocation<typeof restoreFlags>): Promise<number> {
  requireRoot(io);
  const [given = ""] = args;
  const log = createLogger({ level: logLevel(flags), write: (line) => io.err(line) });
  const paths = nodePaths({ dataDir: flags.dataDir, statusSocket: flags.statusSocket, root: io.root });
  if (isRuntimeClaimed(paths)) throw stillRuns();
  const configOut = flags.configOut === "" ? restoredConfigName(given) : flags.configOut;
  await using source = await archiveSource(given, io);
  await assertMayUse(paths);
  const claim = await claimRuntime(paths);
  try {
    const restored = await restoreBackup({
      archive: source.path,
      shown: given === "-" ? "standard input" : given,
      paths,
      name: nodeName(hostname(), undefined),
      publicAddress: publicAddress(),
      etcdProgram: () => stagedBinary("etcd", paths, io),
      // It may hold the password of a database.
      configuration: async (text) =>
        configOut === "-" ? io.out(text) : writeFileAtomic(resolve(configOut), text, { mode: 0o600 }),
      log,
      signal: io.signal,
    });
    io.err(restoredText(restored, configOut === "-" ? undefined : resolve(configOut)));
  } finally {
    await claim.release();
  }
  return 0;
}

function stillRuns(): UserError {
  return new UserError("k0s seems to be running! k0s must be down during the restore operation.", {
    code: "already-running",
    hint: "`k0s stop` ends it.",
  });
}

/** What is read twice has to be a file: standard input becomes one. */
async function archiveSource(given: string, io: CliIo): Promise<AsyncDisposable & { readonly path: string }> {
  if (given !== "-") {
    if ((await statIfExists(given))?.isFile() === true)
      return { path: given, [Symbol.asyncDispose]: () => Promise.resolve() };
    throw new UserError(`there is no file ${given}`, { code: "no-file" });
  }
  if (io.terminal.stdin)
    throw new UserError("the archive is not read from a terminal", {
      code: "terminal",
      hint: "Name a file.",
    });
  const dir = await mkdtemp(join(tmpdir(), "k0s-restore-"));
  try {
    const path = join(dir, "backup.tar.gz");
    await using file = await open(path, "wx", 0o600);
    for await (const piece of Bun.stdin.stream()) {
      io.signal.throwIfAborted();
      await file.appendFile(piece);
    }
    return { path, [Symbol.asyncDispose]: () => removeTree(dir) };
  } catch (err) {
    await removeTree(dir);
    throw err;
  }
}

export function restoredText({ note, datastore, unknown }: Restored, config: string | undefined): string {
  const from = note === undefined ? "upstream's k0s" : `${note.node}, k0s ${note.version}, ${note.createdAt}`;
  const lines = [
    `Restored the backup of ${from}.`,
    ...(note === undefined ? [] : [`It was started with: ${note.args.join(" ")}`]),
    ...(config === undefined
      ? []
      : [`Its configuration is in ${config}: start the controller with it (--config).`]),
    ...(datastore.kind === "etcd"
      ? [
          "This is the only member of etcd now: run `k0s reset` on other controllers, and let them join again.",
        ]
      : []),
    ...(datastore.kind === "elsewhere"
      ? ["Its database is elsewhere: restore that with its own tools."]
      : []),
    ...(unknown.length === 0 ? [] : [`Not of a backup, and left out: ${unknown.join(", ")}`]),
  ];
  return `${lines.join("\n")}\n`;
}
