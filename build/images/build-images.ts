// Recipes → OCI images: layers are built once and shared, nothing is pulled, nothing runs. Byte-for-byte reproducible.

import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type Digest, type ImageRecord, sha256 } from "../../src/oci/image.ts";
import { mediaTypes } from "../../src/oci/media-types.ts";
import { type Progress, silentProgress } from "../../src/std/progress.ts";
import { cacheRoot } from "../cache-root.ts";
import { type BuiltComponent, buildComponent } from "../components/build-component.ts";
import { debianTree } from "../debian/debian-tree.ts";
import type { UsedPackage } from "../debian/package-set.ts";
import { formatBytes } from "../format.ts";
import { parsePlatform, type Platform } from "../platform.ts";
import { blobPath, type BuiltLayer, ensureLayer, storeJson } from "./blob-store.ts";
import { debianProgramFiles } from "./debian-programs.ts";
import { buildHelperProgram } from "./helper-program.ts";
import type { TreeEntry } from "./layer-tar.ts";
import type { ImageRecipe, LayerEntry, LayerRecipe } from "./recipe.ts";

export interface BuiltImage extends ImageRecord {
  readonly layers: readonly BuiltLayer[];
}

export interface BuiltImages {
  readonly images: readonly BuiltImage[];
  /** Digest → file, for every blob of every image. */
  readonly blobs: ReadonlyMap<string, string>;
  /** Debian packages that files were taken from, for the SBOM. */
  readonly packages: readonly UsedPackage[];
}

export interface BuildImagesOptions {
  readonly signal: AbortSignal;
  readonly report?: Progress;
  readonly cache?: string;
}

interface Build {
  readonly platform: Platform;
  readonly cache: string;
  readonly store: string;
  readonly signal: AbortSignal;
  readonly report: Progress;
  readonly warn: (line: string) => void;
  readonly layers: Map<string, Promise<BuiltLayer>>;
  readonly packages: Map<string, UsedPackage>;
  readonly components: Map<string, Promise<BuiltComponent>>;
}

/** Builds the components first if need be. */
export async function buildImageSet(
  recipes: readonly ImageRecipe[],
  target: Platform | string,
  options: BuildImagesOptions,
): Promise<BuiltImages> {
  const platform = typeof target === "string" ? parsePlatform(target) : target;
  const cache = options.cache ?? cacheRoot();
  const build: Build = {
    platform,
    cache,
    store: join(cache, "images", platform.dir),
    signal: options.signal,
    report: options.report ?? silentProgress,
    warn: (line) => (options.report === undefined ? console.error(line) : options.report.ready(line)),
    layers: new Map(),
    packages: new Map(),
    components: new Map(),
  };
  await buildComponents(build, recipes);
  const images = await buildAll(build, recipes);
  const digests = new Set(images.flatMap((image) => image.blobs));
  return {
    images,
    blobs: new Map([...digests].toSorted().map((digest) => [digest, blobPath(build.store, digest)])),
    packages: [...build.packages.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

/** One after the other: the go command uses every core by itself. */
async function buildComponents(build: Build, recipes: readonly ImageRecipe[]): Promise<void> {
  const entries = recipes.flatMap((recipe) => recipe.layers.flatMap((layer) => layer.entries));
  for (const entry of entries) if (entry.kind === "component") await componentOf(build, entry.component);
}

/** Compression takes one core an image; results come in the order of the recipes. */
async function buildAll(build: Build, recipes: readonly ImageRecipe[]): Promise<BuiltImage[]> {
  const images = new Map<ImageRecipe, BuiltImage>();
  const queue = [...recipes];
  const lane = async (): Promise<void> => {
    for (let recipe = queue.shift(); recipe !== undefined; recipe = queue.shift()) {
      images.set(recipe, await buildImage(build, recipe));
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  return recipes.flatMap((recipe) => images.get(recipe) ?? []);
}

async function buildImage(build: Build, recipe: ImageRecipe): Promise<BuiltImage> {
  const step = build.report.step(`image ${recipe.ref} ${build.platform.id}`);
  try {
    const layers: BuiltLayer[] = [];
    for (const layer of recipe.layers) layers.push(await buildLayer(build, layer));
    const image = await writeImage(build, recipe, layers);
    step.done(formatBytes(layers.reduce((sum, layer) => sum + layer.size, 0)));
    return image;
  } catch (err) {
    step.fail(err);
    throw err;
  }
}

async function writeImage(
  { platform, store }: Build,
  { ref, config: run }: ImageRecipe,
  layers: readonly BuiltLayer[],
): Promise<BuiltImage> {
  const config = await storeJson(store, {
    created: "1970-01-01T00:00:00Z",
    architecture: platform.arch,
    os: platform.os,
    config: {
      ...(run.user === undefined ? {} : { User: run.user }),
      Env: Object.entries({ PATH: "/usr/sbin:/usr/bin:/sbin:/bin", ...run.env }).map(
        ([key, value]) => `${key}=${value}`,
      ),
      ...(run.entrypoint === undefined ? {} : { Entrypoint: run.entrypoint }),
      ...(run.args === undefined ? {} : { Cmd: run.args }),
      WorkingDir: run.workingDir ?? "/",
    },
    rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.diffId) },
    history: layers.map((layer) => ({ created: "1970-01-01T00:00:00Z", created_by: layer.name })),
  });
  const manifest = await storeJson(store, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: { mediaType: mediaTypes.config, ...config },
    layers: layers.map(({ digest, size }) => ({ mediaType: mediaTypes.layerZstd, digest, size })),
  });
  const blobs: Digest[] = [manifest.digest, config.digest, ...layers.map((layer) => layer.digest)];
  return { ref, manifestDigest: manifest.digest, blobs, layers };
}

async function buildLayer(build: Build, recipe: LayerRecipe): Promise<BuiltLayer> {
  const resolved = await Promise.all(recipe.entries.map((entry) => resolveEntry(build, entry)));
  const key = sha256(JSON.stringify(resolved.map((entry) => entry.key)));
  const known =
    build.layers.get(key) ??
    ensureLayer(
      build.cache,
      build.store,
      recipe.name,
      key,
      async () => (await Promise.all(resolved.map((entry) => entry.files()))).flat(),
      build.signal,
    );
  build.layers.set(key, known);
  return known;
}

interface ResolvedEntry {
  /** Everything that shapes the files. */
  readonly key: unknown;
  files(): Promise<readonly TreeEntry[]>;
}

async function resolveEntry(build: Build, entry: LayerEntry): Promise<ResolvedEntry> {
  switch (entry.kind) {
    case "component": {
      const component = await componentOf(build, entry.component);
      const source = component.calls[entry.call];
      if (source === undefined) throw new Error(`component ${entry.component} has no program ${entry.call}`);
      return single([entry, component.hash], program(source, entry.paths));
    }
    case "program": {
      const built = await buildHelperProgram(entry.source, build.platform, build.cache, build.signal);
      return single([entry, built.hash], program(built.path, entry.paths));
    }
    case "text":
      return single(entry, {
        kind: "file",
        path: entry.path,
        source: { text: entry.text },
        mode: entry.mode ?? 0o644,
      });
    case "directory":
      return single(entry, { ...entry, mode: entry.mode ?? 0o755 });
    case "symlink":
      return single(entry, entry);
    case "debian": {
      const { cache, signal, warn } = build;
      const root = await debianTree({ packages: entry.packages }, build.platform, { cache, signal, warn });
      for (const found of root.packages) build.packages.set(found.name, found);
      const sums = root.packages.map((found) => found.sha256);
      return {
        key: [entry, sums],
        files: () => debianProgramFiles(root.dir, entry, build.platform, build.signal),
      };
    }
  }
}

function componentOf(build: Build, name: string): Promise<BuiltComponent> {
  const { signal, report, cache } = build;
  const known = build.components.get(name) ?? buildComponent(name, build.platform, { signal, report, cache });
  build.components.set(name, known);
  return known;
}

function program(source: string, [path = "", ...links]: readonly string[]): TreeEntry {
  return { kind: "file", path, source, mode: 0o755, links };
}

function single(key: unknown, file: TreeEntry): ResolvedEntry {
  return { key, files: () => Promise.resolve([file]) };
}
