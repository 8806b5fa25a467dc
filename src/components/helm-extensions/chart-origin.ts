// Where the chart of a Chart comes from, and how that is reached.

import { type ChartSource, chartSource } from "../../config/chart-source.ts";
import type { KubeClient } from "../../kube/client.ts";
import { type Secret, secretKind } from "../../kube/objects/secret.ts";
import { UserError } from "../../std/errors.ts";
import { repositoryAccess, type RepositoryAccess } from "./access.ts";
import { type Chart, chartNamespace } from "./chart.ts";

export interface ChartOrigin {
  readonly source: ChartSource;
  readonly access: RepositoryAccess;
}

/** Throws a UserError about a name that means nothing, and a Secret that is not there. */
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
