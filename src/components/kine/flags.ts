// The argument list of kine and the files that it reads. Upstream: pkg/component/controller/kine.go.

import { resolve } from "node:path";
import type { NodeConfig } from "../../config/fixed-fields.ts";
import { kineBackend } from "../../config/data-source.ts";
import type { NodePaths } from "../../product/paths.ts";
import { type FlagMap, mergeFlags, renderFlags } from "../../std/flags.ts";
import { kineMetricsPort } from "./declaration.ts";

/** The complete, sorted argument list; the data source comes from a file, because it may hold a password. */
export function kineArgs(config: NodeConfig, paths: NodePaths): string[] {
  const { extraArgs, rawArgs } = config.spec.storage.kine;
  const generated: FlagMap = {
    "listen-address": `unix://${paths.kineSocket}`,
    // Upstream serves them unauthenticated on every interface.
    "metrics-bind-address": `127.0.0.1:${kineMetricsPort}`,
    // kube-apiserver asks for compaction itself.
    "compact-interval": "0",
  };
  return renderFlags(mergeFlags(generated, extraArgs), rawArgs);
}

/**
 * The database file of an SQLite data source, or undefined for the other backends. kine runs in the data directory; a
 * `file:` URI is percent-encoded.
 */
export function sqliteFile(dataSource: string, dataDir: string): string | undefined {
  const [, uri, path] = /^sqlite:\/\/(file:)?([^?#]+)/.exec(dataSource) ?? [];
  if (path === undefined) return undefined;
  return resolve(dataDir, uri === undefined ? path : decodedPath(path));
}

function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // Roughly what SQLite does with a stray percent sign: kine will report it.
    return path;
  }
}

export interface NamedFile {
  /** The field that names it, as errors show it. */
  readonly field: string;
  readonly path: string;
}

/** The certificate files of the connection to the database, from flags or from options of the data source. */
export function kineTlsFiles(config: NodeConfig): NamedFile[] {
  const { extraArgs, dataSource } = config.spec.storage.kine;
  const options = new URLSearchParams(/\?(.*)$/s.exec(dataSource)?.[1] ?? "");
  const postgres = kineBackend(dataSource).startsWith("postgres");
  const flags = ["ca-file", "cert-file", "key-file"].map((flag) => ({
    field: `spec.storage.kine.extraArgs.${flag}`,
    path: extraArgs[flag] ?? "",
  }));
  const parameters = ["sslrootcert", "sslcert", "sslkey"].map((name) => ({
    field: `spec.storage.kine.dataSource (${name})`,
    path: postgres ? (options.get(name) ?? "") : "",
  }));
  return [...flags, ...parameters].filter(({ path }) => path !== "" && path !== "system");
}
