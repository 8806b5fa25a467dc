// `bun build/build.ts pack`: builds what is not built yet and leaves dist/k0s with its checksum and bill of materials.

import { mkdir, writeFile } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { k0sVersion } from "../../src/product/versions.ts";
import { cacheRoot, repoRoot } from "../cache-root.ts";
import { buildComponent, type BuiltComponent } from "../components/build-component.ts";
import { loadCatalog, loadComponent } from "../components/read-catalog.ts";
import { installedLinkedPackages } from "../debian/linked-packages.ts";
import { formatBytes, formatDuration } from "../format.ts";
import { buildHostTools } from "../host-tools/host-tools.ts";
import type { Target } from "../platform.ts";
import { buildRuntime } from "../runtime/build-runtime.ts";
import { forgetSource, noteSource, sourceState, withoutCommit } from "../source-state.ts";
import type { BuildContext, BuildTarget } from "../targets.ts";
import { assemble, type Packed } from "./assemble.ts";
import { buildLauncher } from "./build-launcher.ts";
import { componentTree, hostComponents } from "./component-parts.ts";
import { packedImages } from "./packed-images.ts";
import { pruneFiles } from "../prune-unused.ts";
import { compressionLevel, frameStore, notedLevel } from "./compress-frame.ts";
import { type CompressedPart, compressTree } from "./frames.ts";
import type { PartTree } from "./part-tree.ts";
import { outputDir } from "./output-dir.ts";
import { packSbom } from "./pack-sbom.ts";

export const packTarget: BuildTarget = { run: pack };

type BuildStep = Pick<BuildContext, "signal" | "report">;

async function pack(context: BuildContext): Promise<void> {
  const { platform, signal, report } = context;
  const warn = (line: string): void => report.ready(line);
  const source = await sourceState(repoRoot, signal);
  const runtime = await timed(context, `runtime ${platform.id}`, () =>
    buildRuntime(platform, { signal, warn }),
  );
  const tools = await timed(context, `host tools ${platform.id}`, () =>
    buildHostTools(platform, { signal, warn }),
  );
  const launcher = await timed(context, `launcher ${platform.id}`, () => buildLauncher(platform, { signal }));
  const built: BuiltComponent[] = [];
  const trees: PartTree[] = [runtime.tree];
  for (const name of hostComponents) {
    const component = await buildComponent(name, platform, { signal, report });
    built.push(component);
    trees.push(componentTree(component, (await loadComponent(name)).executables));
  }
  trees.push(tools.tree);
  const images = await packedImages(platform, { signal, report });
  const parts = await compressAll(trees, context);
  const output = join(outputDir(platform), "k0s");
  const { images: records, blobs } = images;
  const inputs = { launcher, target: platform.id, version: k0sVersion, parts, images: records, blobs };
  await forgetSource(output);
  const packed = await timed(
    context,
    `pack ${relative(repoRoot, output)}`,
    () => assemble(inputs, output),
    sizeOf,
  );
  const debian = [...runtime.packages, ...tools.packages, ...images.packages];
  const components = [...built, ...(await buildImageComponents(context))];
  const linked = await installedLinkedPackages(platform, signal);
  const bunVersion = runtime.tree.version;
  await describe(
    output,
    packed,
    await packSbom({ platform, launcher, components, bunVersion, debian, linked, packed }),
  );
  await noteSource(output, `${source ?? withoutCommit}${notedLevel(compressionLevel())}`);
}

/** Those that are only inside images. */
async function buildImageComponents({ platform, signal }: BuildContext): Promise<readonly BuiltComponent[]> {
  const others = (await loadCatalog()).filter(
    ({ name, targets }) => targets.includes(platform.id) && !hostComponents.some((host) => host === name),
  );
  return Promise.all(others.map(({ name }) => buildComponent(name, platform, { signal })));
}

export async function compressAll(
  trees: readonly PartTree[],
  context: BuildStep & { readonly platform: Target },
): Promise<readonly CompressedPart[]> {
  const level = compressionLevel();
  const store = frameStore(cacheRoot());
  const parts: CompressedPart[] = [];
  for (const tree of trees) {
    const compress = () =>
      compressTree(withFilter(tree, context.platform), { store, level, signal: context.signal });
    const size = (done: CompressedPart): string =>
      `${formatBytes(done.part.size)} → ${formatBytes(done.part.stored)}`;
    parts.push(await timed(context, `compress ${tree.name}`, compress, size));
  }
  await pruneFiles(store);
  return parts;
}

/** Programs that are in an image, too, are stored once, there, as they are. */
const alsoInImages = ["konnectivity", "cni-plugins"];

function withFilter(tree: PartTree, platform: Target): PartTree {
  if (alsoInImages.includes(tree.name)) return tree;
  return { ...tree, goTables: true, ...(platform.arch === "amd64" ? { filter: "x86-64" as const } : {}) };
}

/** Writes checksum and bill of materials beside the file. */
export async function describe(output: string, packed: Packed, sbom: unknown): Promise<void> {
  const text = `${JSON.stringify(sbom, undefined, 2)}\n`;
  await mkdir(join(output, ".."), { recursive: true });
  await writeFile(`${output}.spdx.json`, text);
  const sums = [
    [packed.sha256, output],
    [new Bun.CryptoHasher("sha256").update(text).digest("hex"), `${output}.spdx.json`],
  ] as const;
  await writeFile(
    join(output, "..", "sha256sums"),
    sums.map(([sum, path]) => `${sum}  ${basename(path)}\n`).join(""),
  );
}

/** A step that the reader is shown, with its time. */
export async function timed<T>(
  context: Pick<BuildStep, "report">,
  name: string,
  work: () => Promise<T>,
  detail?: (result: T) => string,
): Promise<T> {
  const step = context.report.step(name);
  const started = performance.now();
  try {
    const result = await work();
    const time = formatDuration(performance.now() - started);
    step.done(detail === undefined ? time : `${detail(result)}, ${time}`);
    return result;
  } catch (err) {
    step.fail(err);
    throw err;
  }
}

function sizeOf(packed: Packed): string {
  return formatBytes(packed.size);
}
