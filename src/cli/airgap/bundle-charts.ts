// The charts of a configuration for a bundle: the helm of the file fetches them, with all that they depend on.

import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { repositoryAccess, secretsOf } from "../../components/helm-extensions/access.ts";
import { noBundles } from "../../components/helm-extensions/bundled-charts.ts";
import { chartMetadata, readChartArchive } from "../../components/helm-extensions/chart-files.ts";
import { helmDeclaration } from "../../components/helm-extensions/declaration.ts";
import { fetchChart } from "../../components/helm-extensions/fetch-chart.ts";
import { createHelm } from "../../components/helm-extensions/helm.ts";
import { createWorkspace } from "../../components/helm-extensions/workspace.ts";
import { chartIdentity, chartSource, repositoryOf } from "../../config/chart-source.ts";
import type { ClusterConfig } from "../../config/cluster-config.ts";
import { loadClusterConfig } from "../../config/load.ts";
import { type ChartRecord, chartBlobs } from "../../oci/chart-record.ts";
import type { Blob } from "../../oci/image.ts";
import { publicAddress } from "../../os/addresses.ts";
import { removeTree } from "../../os/removal.ts";
import { selfCommand } from "../../os/self.ts";
import type { Payload } from "../../payload/payload.ts";
import { stageBinaries } from "../../payload/stage-binaries.ts";
import { nodeRules } from "../../roles/folds/rules.ts";
import { errorMessage, UserError } from "../../std/errors.ts";

type HelmConfig = ClusterConfig["spec"]["extensions"]["helm"];

export interface BundledContent {
  readonly charts: readonly ChartRecord[];
  readonly blobs: ReadonlyMap<string, Blob>;
}

/** For one thing that helm does here. */
const limitMs = 10 * 60_000;

/** What the file says of charts; `path` may be `-`. */
export async function chartsOfFile(path: string, stdin: () => Promise<string>): Promise<HelmConfig> {
  const dataDir = "/var/lib/k0s";
  const defaults = { single: false, dataDir, publicAddress: publicAddress(), clusterExists: true };
  const { config } = await loadClusterConfig({ path, ...defaults, rules: nodeRules, stdin });
  return config.spec.extensions.helm;
}

export interface HelmProgram {
  /** Unpacks helm into the directory and tells where it lies. */
  readonly stage: (dir: string, signal: AbortSignal) => Promise<string>;
  /** How k0s starts itself. */
  readonly self: readonly string[];
}

export function helmOf(payload: Payload): HelmProgram {
  return {
    self: selfCommand(),
    async stage(dir, signal) {
      await stageBinaries(payload, { binDir: dir, names: helmDeclaration.programs, signal });
      return join(dir, "helm");
    },
  };
}

/** Fetches each once. Its files, credentials among them, lie in a directory that nobody else reads, and go again. */
export async function bundleCharts(
  { charts, repositories }: HelmConfig,
  { stage, self }: HelmProgram,
  signal: AbortSignal,
  tell: (text: string) => void,
): Promise<BundledContent> {
  const dir = await mkdtemp(join(tmpdir(), "k0s-bundle-charts-"));
  try {
    const program = (during: AbortSignal): Promise<string> => stage(dir, during);
    const helm = createHelm({ program, binDir: dir, self, noProxy: () => [] });
    const records = new Map<string, ChartRecord>();
    const blobs = new Map<string, Blob>();
    for (const chart of charts) {
      const { chartname, version = "" } = chart;
      const source = chartSource(chartname);
      if (source === undefined) throw new Error(`${chartname} has been taken for a chart`);
      const repository = repositoryOf(source, repositories);
      refuseSecret(repository);
      const access = repositoryAccess(repository ?? {});
      const identity = chartIdentity(source, access.url);
      if (records.has(`${identity} ${version}`)) continue;
      tell(`chart ${chartname} ${version}`);
      await using workspace = await createWorkspace(join(dir, "work"), "", { source, access, values: [] });
      const secrets = secretsOf(access);
      const path = await fetchChart({ source, access }, version, {
        workspace,
        bundles: noBundles,
        helm: (args) => helm.run({ args, workspace, secrets, limitMs }, signal),
        signal,
      }).catch((err: unknown) => {
        signal.throwIfAborted();
        throw new UserError(`the chart ${chartname} cannot be fetched: ${errorMessage(err)}`, {
          code: "chart",
          cause: err,
        });
      });
      const archive = new Uint8Array(await readFile(path));
      const found = chartMetadata(await readChartArchive(archive, basename(path)), basename(path));
      const label = { source: identity, asked: version, name: found.name, version: found.version };
      const made = chartBlobs(label, archive);
      records.set(`${identity} ${version}`, made.chart);
      for (const [digest, blob] of made.blobs) blobs.set(digest, blob);
    }
    return { charts: [...records.values()], blobs };
  } finally {
    await removeTree(dir);
  }
}

/** No cluster is asked here, so what stands there is not known. */
function refuseSecret(repository: HelmConfig["repositories"][number] | undefined): void {
  const name = repository?.configFrom?.secretRef.name;
  if (repository === undefined || name === undefined) return;
  throw new UserError(
    `how the repository ${JSON.stringify(repository.name)} is reached stands in the Secret ${name}, which is not read here`,
    {
      code: "chart",
      hint: "Use a copy of the configuration that has username, password and certificates in place of configFrom.",
    },
  );
}
