// `make release`: everything that is published, in `dist/release/`, which can be served as it is: a folder of the version,
// and beside it the installation script and the feed.

import { existsSync } from "node:fs";
import { cp, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { k0sVersion } from "../../src/product/versions.ts";
import { UserError } from "../../src/std/errors.ts";
import { repoRoot } from "../cache-root.ts";
import { hashFile } from "../components/hash-file.ts";
import { formatBytes } from "../format.ts";
import { outputDir } from "../pack/output-dir.ts";
import { partialName } from "../partial-name.ts";
import { parsePlatform, type Platform, platformIds } from "../platform.ts";
import { runCommand } from "../run-command.ts";
import { sourceState, withoutCommit } from "../source-state.ts";
import type { BuildContext, BuildTarget } from "../targets.ts";
import { type FeedFile, feedFiles, feedPaths, isStable } from "./feed.ts";
import {
  checksumsFile,
  fileUrl,
  installScriptFile,
  namesVersion,
  type PlatformFiles,
  publicKeyFile,
  signatureFile,
} from "./file-names.ts";
import { releasedInstallScript } from "./install-script.ts";
import { releasePlatform } from "./platform-release.ts";
import {
  publishedFeed,
  releaseSettings,
  type ReleaseSettings,
  settingNames,
  tagProblem,
} from "./settings.ts";
import { newest, readLocal, readPublished, type SharedFiles, versionIn } from "./shared-files.ts";
import { readSigner, type Signer } from "./signature.ts";
import { takePlace } from "./take-place.ts";

export const releaseTarget: BuildTarget = {
  async run({ signal, report }) {
    await refuseOtherTag(signal);
    const place = join(repoRoot, "dist/release");
    const settings = releaseSettings(process.env);
    const vmImages = join(repoRoot, "dist/vm-images");
    const source = (await sourceState(repoRoot, signal)) ?? withoutCommit;
    await makeRelease({ place, vmImages, settings, source, signal, report });
    for (const line of await summary(place, settings)) report.ready(line);
    report.ready(`It is made of ${source}.`);
  },
};

export interface ReleaseInputs extends Pick<BuildContext, "signal" | "report"> {
  /** What it is written to; what was there of this version goes when all of it is there. */
  readonly place: string;
  /** Where images of virtual machines lie, if they have been made, under the names that they have in a release. */
  readonly vmImages: string;
  readonly settings: ReleaseSettings;
  /** Files that have been built of something else are refused; absent: of anything. */
  readonly source?: string | undefined;
}

export async function makeRelease(inputs: ReleaseInputs): Promise<void> {
  const { place, settings } = inputs;
  const signer = settings.keyFile === undefined ? undefined : await readSigner(settings.keyFile);
  const published = await publishedFiles(inputs);
  const partial = partialName(place);
  try {
    const dir = join(partial, k0sVersion);
    await mkdir(dir, { recursive: true });
    const platforms = await releasePlatforms(dir, inputs);
    await takeVmImages(inputs.vmImages, dir);
    const publicKey = signer?.publicKey;
    if (publicKey !== undefined) await writeFile(join(dir, publicKeyFile), publicKey);
    const script = await releasedInstallScript({ version: k0sVersion, url: settings.url, publicKey });
    await writeFile(join(dir, installScriptFile), script, { mode: 0o755 });
    const sums = await sealed(dir, signer, inputs);
    const own = new Map([[installScriptFile, script], ...feed(platforms, sums, settings)]);
    await writeShared(partial, own, published, inputs);
    await takePlace(partial, place, { folder: k0sVersion, files: [...own.keys()] });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

interface ReleasedPlatform {
  readonly platform: Platform;
  readonly files: PlatformFiles;
}

/** As earlier releases have left them, here and on the server. */
async function publishedFiles({ place, settings, signal }: ReleaseInputs): Promise<readonly SharedFiles[]> {
  const paths = [installScriptFile, ...(settings.url === undefined ? [] : feedPaths(k0sVersion))];
  const url = publishedFeed(settings);
  const local = await readLocal(place, paths);
  return url === undefined ? [local] : [local, await readPublished(url, paths, signal)];
}

async function writeShared(
  partial: string,
  own: SharedFiles,
  published: readonly SharedFiles[],
  { report }: Pick<ReleaseInputs, "report">,
): Promise<void> {
  for (const [path, text] of newest(own, published)) {
    if (text !== own.get(path)) report.ready(`${path} stays that of ${versionIn(path, text)}`);
    await mkdir(dirname(join(partial, path)), { recursive: true });
    await writeFile(join(partial, path), text, { mode: path === installScriptFile ? 0o755 : 0o644 });
  }
}

/** Those that have been built. */
async function releasePlatforms(
  dir: string,
  { settings: { imageRepository }, source, signal, report }: ReleaseInputs,
): Promise<readonly ReleasedPlatform[]> {
  const released: ReleasedPlatform[] = [];
  for (const platform of platformIds.map(parsePlatform)) {
    const k0s = join(outputDir(platform), "k0s");
    if (!existsSync(k0s)) {
      report.ready(`${platform.id} is not in the release: ${relative(repoRoot, k0s)} has not been built`);
      continue;
    }
    const inputs = { platform, version: k0sVersion, k0s, source, dir, imageRepository, signal, report };
    released.push({ platform, files: await releasePlatform(inputs) });
  }
  if (released.length > 0) return released;
  throw new UserError("nothing has been built", { code: "release-file", hint: "make build" });
}

/** Those of other versions stay where they are. */
async function takeVmImages(made: string, dir: string): Promise<void> {
  if (!existsSync(made)) return;
  for (const name of await readdir(made)) {
    if (namesVersion(name, k0sVersion)) await cp(join(made, name), join(dir, name));
  }
}

/** Sums and, with a key, signatures of all files there; returns the sums by name. */
async function sealed(
  dir: string,
  signer: Signer | undefined,
  { signal, report }: Pick<ReleaseInputs, "signal" | "report">,
): Promise<ReadonlyMap<string, string>> {
  const step = report.step(signer === undefined ? "checksums" : "checksums and signatures");
  try {
    const sums = new Map<string, string>();
    for (const name of (await readdir(dir)).toSorted()) sums.set(name, await hashFile(join(dir, name)));
    const text = [...sums].map(([name, sum]) => `${sum}  ${name}\n`).join("");
    await writeFile(join(dir, checksumsFile), text);
    if (signer !== undefined)
      for (const name of await readdir(dir))
        await writeFile(join(dir, signatureFile(name)), await signer.sign(join(dir, name), signal));
    step.done(`${sums.size} files`);
    return sums;
  } catch (err) {
    step.fail(err);
    throw err;
  }
}

function feed(
  platforms: readonly ReleasedPlatform[],
  sums: ReadonlyMap<string, string>,
  { url, endOfLife }: ReleaseSettings,
): SharedFiles {
  if (url === undefined) return new Map();
  const file = (name: string): FeedFile => ({
    url: fileUrl(url, k0sVersion, name),
    sha256: sums.get(name) ?? "",
  });
  return feedFiles({
    version: k0sVersion,
    endOfLife,
    platforms: platforms.map(({ platform: { os, arch }, files }) => ({
      os,
      arch,
      k0s: file(files.k0s),
      airgapBundle: file(files.airgapBundle),
    })),
  });
}

async function refuseOtherTag(signal: AbortSignal): Promise<void> {
  // A source archive has no tags to compare with.
  if (!existsSync(join(repoRoot, ".git"))) return;
  const what = "asking for the tags of the commit";
  const tags = await runCommand(["git", "-C", repoRoot, "tag", "--points-at", "HEAD"], { what, signal });
  const problem = tagProblem(tags.split("\n"), k0sVersion);
  if (problem === undefined) return;
  throw new UserError(problem, {
    code: "release-tag",
    hint: "The version is made in src/product/versions.ts, of Kubernetes' in upstream/kubernetes/component.json.",
  });
}

async function summary(place: string, settings: ReleaseSettings): Promise<readonly string[]> {
  const dir = join(place, k0sVersion);
  const rows = (await readdir(dir)).toSorted().map((name) => {
    const size = Bun.file(join(dir, name)).size;
    return `  ${formatBytes(size).padStart(7)}  ${name}`;
  });
  return [
    relative(repoRoot, dir),
    ...rows,
    ...(settings.keyFile === undefined
      ? [`The release is not signed: ${settingNames.keyFile} names no key.`]
      : []),
    ...(settings.url === undefined
      ? [`There is no feed: ${settingNames.url} does not say where the release will be.`]
      : []),
    ...(isStable(k0sVersion) ? [] : ["It is a pre-release: only the latest channel has it."]),
  ];
}
