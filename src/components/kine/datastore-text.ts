// The datastore behind kine, for people.

import { parseDataSource } from "../../config/data-source.ts";
import { statIfExists } from "../../os/files.ts";
import { formatBytes } from "../../std/bytes.ts";
import type { ControllerNode } from "../node-facts.ts";
import { sqliteFile } from "./flags.ts";

export async function kineText({ config, paths }: Pick<ControllerNode, "config" | "paths">): Promise<string> {
  const { dataSource } = config.spec.storage.kine;
  const file = sqliteFile(dataSource, paths.dataDir);
  if (file !== undefined)
    return `kine / SQLite, ${formatBytes((await sizeOf(file)) + (await sizeOf(`${file}-wal`)))}`;
  const { backend, server } = parseDataSource(dataSource);
  return server === undefined
    ? `kine / ${backend}`
    : `kine / ${server.product} at ${server.host}:${server.port}`;
}

async function sizeOf(path: string): Promise<number> {
  return (await statIfExists(path))?.size ?? 0;
}
