// Gets the archive of a chart, before anything is changed: what fails here has left the release alone.

import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type ChartSource, chartSource } from "../../config/chart-source.ts";
import type { KubeClient } from "../../kube/client.ts";
import { type Secret, secretKind } from "../../kube/objects/secret.ts";
import { statIfExists } from "../../os/files.ts";
import { UserError } from "../../std/errors.ts";
import { repositoryAccess, type RepositoryAccess } from "./access.ts";
import { pullArguments, repoUpdateArguments } from "./arguments.ts";
import { type Chart, chartNamespace } from "./chart.ts";
import type { Workspace } from "./workspace.ts";

export interface ChartOrigin {
  readonly source: ChartSource;
  readonly access: RepositoryAccess;
}

/** Where the chart comes from, and how that is reached. */
export async function originOf(
  client: Pick<KubeClient, "find">,
  { metadata, spec = {} }: Chart,
  signal: AbortSignal,
): Promise<ChartOrigin> {
  const { chartName = "", repository = {} } = spec;
  const source = chartSource(chartName);
  if (source === undefined)
    throw new UserError(
      `${JSON.stringify(chartName)} is no chart: write repository/chart, oci://registry/path/chart, or the path of an archive`,
    );
  const ref = repository.configFrom?.secretRef;
  const place = { namespace: ref?.namespace ?? metadata.namespace ?? chartNamespace, name: ref?.name ?? "" };
  const secret =
    ref === undefined ? undefined : await client.find<Secret>({ ...secretKind, ...place }, { signal });
  if (ref !== undefined && secret === undefined)
    throw new UserError(`Secret ${place.namespace}/${place.name} of the repository not found`);
  const access = repositoryAccess(repository, secret);
  if (source.kind === "repository" && access.url === "")
    throw new UserError(`repository '${source.repository}' not found in cluster configuration`);
  return { source, access };
}

/** The path of the archive. */
export async function fetchChart(
  { source, access }: ChartOrigin,
  version: string,
  { files }: Pick<Workspace, "files">,
  helm: (args: readonly string[]) => Promise<string>,
): Promise<string> {
  if (source.kind === "file") return localArchive(source.path);
  if (source.kind === "repository") await helm(repoUpdateArguments(files));
  await helm(pullArguments(source, { version, insecure: access.insecure, files }));
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
