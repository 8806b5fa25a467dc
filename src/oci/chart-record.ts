// Helm charts in a bundle: artifacts beside the images, as `helm push` makes them. They have no name that containerd would
// read, so whatever imports the images leaves them alone.

import { UserError } from "../std/errors.ts";
import { type Blob, type Descriptor, type ImageSource, manifestSchema, sha256 } from "./image.ts";
import { readJsonBlob, readSmallBlob } from "./json-blob.ts";
import { mediaTypes } from "./media-types.ts";
import { memoryBlob } from "./memory-source.ts";

/** Of the descriptor in the bundle's index. */
const annotation = {
  source: "k0s.k0sproject.io/chart-source",
  asked: "k0s.k0sproject.io/chart-asked-version",
  name: "org.opencontainers.image.title",
  version: "org.opencontainers.image.version",
} as const;

const chartTypes = {
  config: "application/vnd.cncf.helm.config.v1+json",
  content: "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
} as const;

export interface ChartLabel {
  /** Where it was fetched, without credentials: two configurations that say the same mean the same chart. */
  readonly source: string;
  /** The version, or the range, that was asked for; empty for the newest. */
  readonly asked: string;
  readonly name: string;
  readonly version: string;
}

export interface ChartRecord extends ChartLabel {
  readonly manifestDigest: string;
  /** The manifest included. */
  readonly blobs: readonly string[];
}

/** An archive of a chart as blobs of a bundle. */
export function chartBlobs(
  label: ChartLabel,
  archive: Uint8Array,
): { readonly chart: ChartRecord; readonly blobs: ReadonlyMap<string, Blob> } {
  const encode = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
  const config = encode({ name: label.name, version: label.version });
  const describe = (mediaType: string, data: Uint8Array) => ({
    mediaType,
    digest: sha256(data),
    size: data.length,
  });
  const manifest = encode({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: describe(chartTypes.config, config),
    layers: [describe(chartTypes.content, archive)],
  });
  const blobs = new Map(
    [manifest, config, archive].map((data) => [sha256(data) as string, memoryBlob(data)]),
  );
  return { chart: { ...label, manifestDigest: sha256(manifest), blobs: [...blobs.keys()] }, blobs };
}

export function chartAnnotations({ source, asked, name, version }: ChartLabel): Record<string, string> {
  return {
    [annotation.source]: source,
    [annotation.asked]: asked,
    [annotation.name]: name,
    [annotation.version]: version,
  };
}

/** The chart that a descriptor of an index stands for; undefined for an image. */
export function chartOf({ annotations = {}, digest }: Descriptor): ChartRecord | undefined {
  const { [annotation.source]: source, [annotation.name]: name, [annotation.version]: version } = annotations;
  if (source === undefined || name === undefined || version === undefined) return undefined;
  return {
    source,
    name,
    version,
    asked: annotations[annotation.asked] ?? "",
    manifestDigest: digest,
    blobs: [digest],
  };
}

/** Its archive, with the digest proved. Throws a UserError about a bundle that is damaged. */
export async function chartArchive(
  source: Pick<ImageSource, "openBlob">,
  { manifestDigest }: ChartRecord,
): Promise<Uint8Array> {
  const from = { ...source, images: [] };
  const { layers } = await readJsonBlob(from, manifestDigest, manifestSchema);
  const content = layers.find(({ mediaType }) => mediaType === chartTypes.content);
  if (content === undefined)
    throw new UserError(`blob ${manifestDigest} is no manifest of a chart`, { code: "blob-damaged" });
  return readSmallBlob(from, content.digest);
}
