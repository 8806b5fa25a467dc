// Gets the archive of a chart, with all that it depends on, before anything is changed: what fails here has left the release alone.

import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { chartIdentity } from "../../config/chart-source.ts";
import { statIfExists } from "../../os/files.ts";
import { writeNewFile } from "../../os/new-file.ts";
import { UserError } from "../../std/errors.ts";
import { pullArguments, repoUpdateArguments } from "./arguments.ts";
import type { BundledCharts } from "./bundled-charts.ts";
import type { ChartOrigin } from "./chart-origin.ts";
import { withDependencies } from "./dependencies.ts";
import type { Workspace } from "./workspace.ts";

export interface Fetching {
  readonly workspace: Pick<Workspace, "dir" | "files">;
  readonly bundles: BundledCharts;
  readonly helm: (args: readonly string[]) => Promise<string>;
  readonly signal: AbortSignal;
}

/** The path of the archive. */
export async function fetchChart(origin: ChartOrigin, version: string, fetching: Fetching): Promise<string> {
  const { workspace, bundles, helm, signal } = fetching;
  const { source, access } = origin;
  const bundled = await bundles.find(chartIdentity(source, access.url), version, signal);
  if (bundled !== undefined) {
    const path = join(workspace.files.charts, "bundled.tgz");
    await writeNewFile(path, bundled.archive);
    return path;
  }
  return withDependencies(await fetchArchive(origin, version, fetching), origin, workspace, helm);
}

async function fetchArchive(
  { source, access }: ChartOrigin,
  version: string,
  { workspace: { files }, helm }: Fetching,
): Promise<string> {
  if (source.kind === "file") return localArchive(source.path);
  if (source.kind === "repository") await helm(repoUpdateArguments(files));
  const { insecure, plainHttp } = access;
  await helm(pullArguments(source, { version, insecure, plainHttp, files }));
  const [archive] = (await readdir(files.charts)).filter((name) => name.endsWith(".tgz"));
  if (archive === undefined) throw new Error("helm has fetched no archive");
  return join(files.charts, archive);
}

async function localArchive(path: string): Promise<string> {
  const archive = resolve(path);
  if ((await statIfExists(archive)) === undefined)
    throw new UserError(`the chart ${archive} is not on the leading controller`);
  return archive;
}
