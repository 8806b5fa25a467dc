// Builds one component, or says at once where its result lies. inputs → hash → (stored? done : compile → publish).

import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Progress } from "../../src/std/progress.ts";
import { silentProgress } from "../../src/std/progress.ts";
import { cacheRoot } from "../cache-root.ts";
import { formatBytes, formatDuration } from "../format.ts";
import { parsePlatform, type Platform, type Target } from "../platform.ts";
import { markUsed, pruneEntries } from "../prune-unused.ts";
import { componentSbom } from "../sbom/component-sbom.ts";
import { linkedModules } from "../sbom/go-modules.ts";
import { applyPatches } from "./apply-patches.ts";
import { callNames, type Component, componentDir, loadComponent, sharedDir } from "./read-catalog.ts";
import { contentHash, isBuildInput, sha256 } from "./content-hash.ts";
import { checkGuestVersions } from "./guest-versions.ts";
import { goBuild, goFlags, linkFlags } from "./go-build.ts";
import { liftMains } from "./lift-mains.ts";
import { isStored, publish, stage, storeDir } from "./store.ts";
import { toolchainOf } from "./toolchain.ts";

export interface BuiltComponent {
  readonly name: string;
  readonly version: string;
  readonly hash: string;
  /** Holds the outputs, `sbom.json` and `sha256sums`. */
  readonly dir: string;
  /** Output name → path of the executable. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Every name that an executable answers to → path of the executable (multi-call: several names, one path). */
  readonly calls: Readonly<Record<string, string>>;
}

export interface BuildOptions {
  readonly signal?: AbortSignal;
  readonly report?: Progress;
  /** Where results are kept; default: the user's cache. */
  readonly cache?: string;
}

export async function buildComponent(
  name: string,
  target: Platform | string,
  options: BuildOptions = {},
): Promise<BuiltComponent> {
  return buildFor(
    await loadComponent(name),
    typeof target === "string" ? parsePlatform(target) : target,
    options,
  );
}

/** For a component that is not built as its catalogue entry says: other executables, another system. */
export async function buildFor(
  component: Component,
  platform: Target,
  options: BuildOptions,
): Promise<BuiltComponent> {
  const step = (options.report ?? silentProgress).step(
    `${component.name} ${component.version} ${platform.id}`,
  );
  const started = performance.now();
  try {
    const files = await readInputs(component);
    const toolchain = await toolchainOf(component, platform, options.signal);
    const hash = contentHash({
      files: fileHashes(component, files),
      platform: platform.id,
      flags: [...goFlags, ...linkFlags],
      ...toolchain,
    });
    const cache = options.cache ?? cacheRoot();
    const dir = storeDir(cache, platform.dir, component.name, hash);
    if (isStored(dir)) {
      await markUsed(dir);
      step.done("up to date");
    } else {
      await compile(component, platform, files, dir, cache, options.signal);
      await pruneEntries(dirname(dir));
      step.done(
        `built in ${formatDuration(performance.now() - started)}, ${formatBytes(await sizeOf(component, dir))}`,
      );
    }
    return describe(component, hash, dir);
  } catch (err) {
    step.fail(err);
    throw err;
  }
}

async function compile(
  component: Component,
  platform: Target,
  files: ReadonlyMap<string, Uint8Array>,
  dir: string,
  cache: string,
  signal?: AbortSignal,
): Promise<void> {
  const aborted = signal === undefined ? {} : { signal };
  const staged = await stage(dir);
  // Sources are built from a copy of what was hashed: an edit meanwhile cannot slip in under the old name.
  const work = await workDir(cache, component.name);
  try {
    await writeInputs(work, files);
    await liftMains(component, work, signal);
    await checkGuestVersions(component, platform, work, signal);
    const patches = [...files.keys()].filter((path) => path.endsWith(".patch"));
    await applyPatches(component, work, patches, signal);
    for (const executable of component.executables) {
      await goBuild({
        dir: work,
        package: executable.package,
        output: join(staged, executable.output),
        platform,
        tags: [...component.tags, ...executable.tags],
        stamps: component.stamps,
        ...(component.cgo ? { c: { defines: component.cdefines } } : {}),
        ...aborted,
      });
    }
    const outputs = component.executables.map((executable) => join(staged, executable.output));
    const sbom = componentSbom(component, platform.id, await linkedModules(outputs, signal));
    await writeFile(join(staged, "sbom.json"), `${JSON.stringify(sbom, undefined, 2)}\n`);
    await publish(staged, dir);
  } finally {
    await rm(work, { recursive: true, force: true });
    await rm(staged, { recursive: true, force: true });
  }
}

export async function workDir(cache: string, name: string): Promise<string> {
  const parent = join(cache, "work");
  await mkdir(parent, { recursive: true });
  return mkdtemp(join(parent, `${name}-`));
}

/** What a component is built from: path in the folder of its build → content. */
export async function readInputs(component: Component): Promise<ReadonlyMap<string, Uint8Array>> {
  const shared = (component.shared ?? []).map((name) =>
    readFolder(join(sharedDir(), name), join("shared", name)),
  );
  const folders = await Promise.all([readFolder(componentDir(component.name), ""), ...shared]);
  return new Map(folders.flat());
}

async function readFolder(dir: string, prefix: string): Promise<[string, Uint8Array][]> {
  const names = (await readdir(dir)).filter(isBuildInput).sort();
  return Promise.all(
    names.map(async (name): Promise<[string, Uint8Array]> => [
      join(prefix, name),
      await readFile(join(dir, name)),
    ]),
  );
}

export async function writeInputs(work: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  for (const [path, data] of files) {
    await mkdir(dirname(join(work, path)), { recursive: true });
    await writeFile(join(work, path), data);
  }
}

/** component.json counts by what it says, not by how it is laid out. */
function fileHashes(component: Component, files: ReadonlyMap<string, Uint8Array>): Record<string, string> {
  const sources = [...files].filter(([path]) => path !== "component.json");
  const hashes = sources.map(([path, data]) => [path, sha256(data)] as const);
  return { ...Object.fromEntries(hashes), "component.json": sha256(JSON.stringify(component)) };
}

function describe(component: Component, hash: string, dir: string): BuiltComponent {
  const outputs: Record<string, string> = {};
  const calls: Record<string, string> = {};
  for (const executable of component.executables) {
    const path = join(dir, executable.output);
    outputs[executable.output] = path;
    for (const name of callNames(executable)) calls[name] = path;
  }
  return { name: component.name, version: component.version, hash, dir, outputs, calls };
}

async function sizeOf(component: Component, dir: string): Promise<number> {
  const sizes = component.executables.map(
    async (executable) => (await stat(join(dir, executable.output))).size,
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
