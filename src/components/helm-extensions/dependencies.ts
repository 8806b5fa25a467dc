// Fetches the charts that a chart depends on, where its archive lacks them.

import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { writeFileAtomic } from "../../os/files.ts";
import { writeNewFile } from "../../os/new-file.ts";
import { UserError } from "../../std/errors.ts";
import { dependencyArguments, repositoryAlias } from "./arguments.ts";
import {
  chartMetadata,
  type Dependency,
  missingDependencies,
  packChart,
  readChartArchive,
  writeChart,
} from "./chart-files.ts";
import type { ChartOrigin } from "./chart-origin.ts";
import { HelmError } from "./helm.ts";
import { repositoriesFile, type Workspace } from "./workspace.ts";

/** The path of an archive with all of them: that of `archive`, unless something was missing. */
export async function withDependencies(
  archive: string,
  origin: ChartOrigin,
  workspace: Pick<Workspace, "dir" | "files">,
  helm: (args: readonly string[]) => Promise<string>,
): Promise<string> {
  const files = await readChartArchive(new Uint8Array(await readFile(archive)), basename(archive));
  const { name, dependencies } = chartMetadata(files, basename(archive));
  const missing = missingDependencies(files, dependencies);
  if (missing.length === 0) return archive;
  for (const { name: other, repository } of missing)
    if (!/^(https?|oci):\/\//.test(repository))
      throw new UserError(
        `the chart depends on ${other}, which is not in its archive and cannot be fetched from ${JSON.stringify(repository)}`,
      );
  const dir = join(workspace.dir, "chart");
  await writeChart(files, dir);
  const { source, access } = origin;
  await writeFileAtomic(
    workspace.files.repositories,
    JSON.stringify(withRepositoriesOf(missing, repositoriesFile(source, access, workspace.files))),
    { mode: 0o600 },
  );
  try {
    await helm(dependencyArguments(dir, source, { ...access, files: workspace.files }));
  } catch (err) {
    if (!(err instanceof HelmError)) throw err;
    throw new HelmError(`what the chart depends on cannot be fetched: ${err.message}`, { cause: err });
  }
  const fetched = await readdir(join(dir, "charts"));
  const complete = new Map(files);
  for (const file of fetched.filter((entry) => entry.endsWith(".tgz")))
    complete.set(`charts/${file}`, new Uint8Array(await readFile(join(dir, "charts", file))));
  const packed = join(workspace.dir, "with-dependencies.tgz");
  await writeNewFile(packed, await packChart(name, complete));
  return packed;
}

/** helm takes the lock of a chart only if each repository in it is known; those of others need no password. */
function withRepositoriesOf(
  dependencies: readonly Dependency[],
  known: ReturnType<typeof repositoriesFile>,
): object {
  const own = new Set(known.repositories.map(({ url }) => withoutSlash(url)));
  const urls = new Set(
    dependencies.flatMap(({ repository }) =>
      repository.startsWith("oci://") || own.has(withoutSlash(repository)) ? [] : [withoutSlash(repository)],
    ),
  );
  const others = [...urls].map((url, index) => ({ name: `${repositoryAlias}-${index + 1}`, url }));
  return { ...known, repositories: [...known.repositories, ...others] };
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, "");
}
