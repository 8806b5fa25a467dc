// Charts in the bundles of <data>/images: they are used from there, and their repositories are not asked.

import { basename, join } from "node:path";
import { openImageArchive } from "../../oci/archive-reader.ts";
import { chartArchive, type ChartRecord } from "../../oci/chart-record.ts";
import { statIfExists } from "../../os/files.ts";
import { namesIn } from "../../os/names-in.ts";
import { errorMessage, UserError } from "../../std/errors.ts";
import type { Logger } from "../../std/log.ts";

export interface BundledChart extends ChartRecord {
  /** Path of the bundle. */
  readonly bundle: string;
}

export interface BundledCharts {
  /** The archive of the chart, if a bundle holds it. Throws a UserError about a bundle that is damaged. */
  find(source: string, version: string, signal: AbortSignal): Promise<FoundChart | undefined>;
}

export interface FoundChart extends BundledChart {
  readonly archive: Uint8Array;
}

export const noBundles: BundledCharts = { find: () => Promise.resolve(undefined) };

/** What is in a bundle is read once, until the bundle changes. */
export function bundledCharts(dir: string, log: Logger): BundledCharts {
  let known: ReadonlyMap<string, { readonly mark: string; readonly charts: readonly BundledChart[] }> =
    new Map();
  const chartsOf = async (signal: AbortSignal): Promise<readonly BundledChart[]> => {
    const next = new Map<string, { mark: string; charts: readonly BundledChart[] }>();
    for (const [bundle, mark] of await bundlesIn(dir)) {
      const before = known.get(bundle);
      const charts = before?.mark === mark ? before.charts : await chartsIn(bundle, log, signal);
      next.set(bundle, { mark, charts });
    }
    known = next;
    return [...next.values()].flatMap(({ charts }) => charts);
  };
  return {
    async find(source, version, signal) {
      const chart = bestMatch(await chartsOf(signal), source, version);
      if (chart === undefined) return undefined;
      await using bundle = await openImageArchive(chart.bundle, signal);
      try {
        return { ...chart, archive: await chartArchive(bundle, chart) };
      } catch (err) {
        if (!(err instanceof UserError)) throw err;
        throw new UserError(`the chart cannot be taken from the bundle ${chart.bundle}: ${err.message}`, {
          cause: err,
        });
      }
    },
  };
}

/**
 * A range is not worked out here: it is that for which the bundle was made, or the very version that is in it. The newest of
 * several.
 */
export function bestMatch<Chart extends Pick<ChartRecord, "source" | "asked" | "version">>(
  charts: readonly Chart[],
  source: string,
  version: string,
): Chart | undefined {
  const exact = (text: string): string => text.trim().replace(/^v/, "");
  return charts
    .filter(
      (chart) =>
        chart.source === source &&
        (chart.asked.trim() === version.trim() || exact(chart.version) === exact(version)),
    )
    .toSorted((one, other) => Bun.semver.order(exact(one.version), exact(other.version)))
    .at(-1);
}

/** Path → a text that is the same as long as nothing about the file has changed. Files that are written have a leading dot. */
async function bundlesIn(dir: string): Promise<readonly (readonly [string, string])[]> {
  const found: (readonly [string, string])[] = [];
  for (const name of (await namesIn(dir)).filter((entry) => !entry.startsWith(".")).toSorted()) {
    const path = join(dir, name);
    const info = await statIfExists(path);
    if (info?.isFile() === true)
      found.push([path, [info.dev, info.ino, info.size, info.mtimeMs, info.ctimeMs].join(" ")]);
  }
  return found;
}

/** What cannot be read, or is only half there, has none: the repository is asked, and says so if it cannot be reached. */
async function chartsIn(bundle: string, log: Logger, signal: AbortSignal): Promise<readonly BundledChart[]> {
  try {
    await using archive = await openImageArchive(bundle, signal);
    return archive.charts.map((chart) => ({ ...chart, bundle }));
  } catch (err) {
    signal.throwIfAborted();
    log.warn("A bundle cannot be searched for Helm charts", {
      bundle: basename(bundle),
      err: errorMessage(err),
    });
    return [];
  }
}
