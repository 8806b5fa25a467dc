// What an archive of a chart holds, and which of its dependencies it lacks. An archive that `helm package` has made has all of
// them in its folder `charts`.

import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { packTar, unpackTar } from "modern-tar";
import * as z from "zod";
import { entryPath } from "../../oci/entry-path.ts";
import { writeNewFile } from "../../os/new-file.ts";
import { UserError } from "../../std/errors.ts";
import { parseYaml } from "../../std/yaml.ts";

/** Path within the chart's folder → content. */
export type ChartFiles = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

export interface Dependency {
  readonly name: string;
  readonly repository: string;
}

/** helm's own limit for an unpacked chart. */
const largest = 100 << 20;

/** Throws a UserError about what is no archive of a chart. */
export async function readChartArchive(
  archive: Uint8Array<ArrayBuffer>,
  path: string,
  limit = largest,
): Promise<ChartFiles> {
  const bad = (why: string, cause?: unknown): UserError =>
    new UserError(`${path} is not the archive of a chart: ${why}`, { cause });
  const unpacked = new Blob([archive]).stream().pipeThrough(new DecompressionStream("gzip"));
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of unpacked) {
      size += chunk.length;
      if (size > limit) break;
      chunks.push(chunk);
    }
  } catch (err) {
    throw bad("it is not compressed with gzip, or cut short", err);
  }
  if (size > limit) throw bad(`it has more than ${limit >> 20} MiB when it is unpacked`);
  const entries = await unpackTar(Buffer.concat(chunks)).catch((err: unknown) => {
    throw bad("it holds no tar", err);
  });
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const { header, data } of entries) {
    if (header.type !== undefined && header.type !== "file") continue;
    const [, ...rest] = entryPath(header.name, path).split("/");
    if (rest.length > 0) files.set(rest.join("/"), new Uint8Array(data ?? []));
  }
  if (!files.has("Chart.yaml")) throw bad("it has no Chart.yaml");
  return files;
}

const metadataSchema = z.object({
  name: z.string(),
  version: z.string(),
  dependencies: z
    .array(z.object({ name: z.string(), repository: z.string().default("") }))
    .nullish()
    .transform((list) => list ?? []),
});

/** Of its Chart.yaml; a chart of the first format has its dependencies in a file of their own. */
export function chartMetadata(files: ChartFiles, path: string): z.output<typeof metadataSchema> {
  const parsed = (name: string): object => {
    const content = files.get(name);
    const value =
      content === undefined ? undefined : parseYaml(new TextDecoder().decode(content), { source: name });
    return typeof value === "object" && value !== null ? value : {};
  };
  const found = metadataSchema.safeParse({ ...parsed("requirements.yaml"), ...parsed("Chart.yaml") });
  if (found.success) return found.data;
  throw new UserError(
    `Chart.yaml of ${path} has an unexpected shape: ${found.error.issues[0]?.message ?? ""}`,
  );
}

/** Dependencies of which nothing is in the folder `charts`. */
export function missingDependencies(
  files: ChartFiles,
  dependencies: readonly Dependency[],
): readonly Dependency[] {
  const there = [...files.keys()].flatMap((path) => (path.startsWith("charts/") ? [path.slice(7)] : []));
  return dependencies.filter(
    ({ name }) =>
      !there.some(
        (path) => path.startsWith(`${name}/`) || (path.startsWith(`${name}-`) && path.endsWith(".tgz")),
      ),
  );
}

/** Into a directory that is new. */
export async function writeChart(files: ChartFiles, dir: string): Promise<void> {
  for (const [path, content] of files) {
    const target = join(dir, path);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await writeNewFile(target, content);
  }
}

/** The same bytes for the same files. */
export async function packChart(name: string, files: ChartFiles): Promise<Uint8Array<ArrayBuffer>> {
  const entries = [...files]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([path, body]) => ({
      header: {
        name: `${name}/${path}`,
        size: body.length,
        mode: 0o644,
        type: "file" as const,
        mtime: new Date(0),
      },
      body,
    }));
  return Bun.gzipSync(Uint8Array.from(await packTar(entries)));
}
