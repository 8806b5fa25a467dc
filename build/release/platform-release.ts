// The files of one platform in a release, out of what `make build` has left: nothing is built again, all of it comes out of
// the k0s file.

import { constants } from "node:fs";
import { copyFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { defaultImageUri, imageKeys } from "../../src/config/images.ts";
import type { ImageRecord } from "../../src/oci/image.ts";
import { openPayload, type Payload } from "../../src/payload/payload.ts";
import { UserError } from "../../src/std/errors.ts";
import type { Progress } from "../../src/std/progress.ts";
import { hashFile } from "../components/hash-file.ts";
import { writeImageArchive } from "../images/image-archive.ts";
import { hostPlatform, type Platform } from "../platform.ts";
import { debianSbom } from "../sbom/debian-sbom.ts";
import { npmPackage } from "../sbom/packages.ts";
import { spdxDocument } from "../sbom/spdx.ts";
import { notedSource } from "../source-state.ts";
import { buildContainerImage } from "./container-image.ts";
import { type PlatformFiles, platformFiles } from "./file-names.ts";

export interface PlatformReleaseInputs {
  readonly platform: Platform;
  readonly version: string;
  /** Where `make build` has put the file, with its bill of materials beside it. */
  readonly k0s: string;
  /** What the file has to be built of; absent: anything. */
  readonly source?: string | undefined;
  /** Folder of the release. */
  readonly dir: string;
  readonly imageRepository: string;
  readonly signal: AbortSignal;
  readonly report: Progress;
}

export async function releasePlatform(inputs: PlatformReleaseInputs): Promise<PlatformFiles> {
  const { platform, version, k0s, dir, signal } = inputs;
  const files = platformFiles(version, platform);
  await refuseOtherSource(inputs);
  await using payload = await openPayload(k0s);
  refuseOther(payload, inputs);
  await payload.verify(signal);
  await copyFile(k0s, join(dir, files.k0s), constants.COPYFILE_FICLONE);
  await copyFile(`${k0s}.spdx.json`, join(dir, files.sbom));
  const images = imagesInOrder(payload.images);
  await writeFile(join(dir, files.imageList), images.map(({ ref }) => `${ref}\n`).join(""));
  const openBlob = (digest: string) => payload.openBlob(digest);
  await writeImageArchive({ images, openBlob, signal }, join(dir, files.airgapBundle));
  await releaseImage(inputs, files);
  return files;
}

/** The order of `k0s airgap list-images --all`, so that what it lists makes the same bundle. */
export function imagesInOrder<T extends Pick<ImageRecord, "ref">>(images: readonly T[]): readonly T[] {
  const names = [...new Set(imageKeys().map(defaultImageUri))];
  return names.map((name) => {
    const image = images.find(({ ref }) => ref === name);
    if (image === undefined) throw new Error(`the k0s file has no image ${name}`);
    return image;
  });
}

/** `make build` of another version or platform may have been the last one there. */
function refuseOther(payload: Payload, { platform, version, k0s }: PlatformReleaseInputs): void {
  const { target, version: packed } = payload.index;
  if (target === platform.id && packed === version) return;
  throw new UserError(`${k0s} is k0s ${packed} for ${target}, not ${version} for ${platform.id}`, {
    code: "release-file",
    hint: "Build it again, or remove it: make build, make build-arm64.",
  });
}

/** The file of another architecture is not built by the same command, and may be older. */
export async function refuseOtherSource({
  source,
  platform,
  k0s,
}: Pick<PlatformReleaseInputs, "source" | "platform" | "k0s">): Promise<void> {
  const built = await notedSource(k0s);
  if (source === undefined || built === source) return;
  const again = `K0S_BUILD_BEST=1 bun build/build.ts --arch ${platform.arch} pack`;
  // The other architecture has a folder of its own; this host's holds releases, too.
  const remove = platform.id === hostPlatform().id ? "" : `, or remove ${dirname(k0s)}`;
  throw new UserError(
    `${k0s} was built of ${built ?? "an unknown commit"}, and the release is of ${source}`,
    {
      code: "release-file",
      hint: `Build it again${remove}: ${again}`,
    },
  );
}

async function releaseImage(inputs: PlatformReleaseInputs, files: PlatformFiles): Promise<void> {
  const { platform, version, dir } = inputs;
  const output = join(dir, files.containerImage);
  const { packages } = await buildContainerImage({ ...inputs, repository: inputs.imageRepository, output });
  const k0s = {
    name: "k0s",
    version,
    license: "Apache-2.0",
    sha256: await hashFile(join(dir, files.k0s)),
    comment: `its own bill of materials is ${files.sbom}`,
  };
  const sbom = spdxDocument({
    name: "k0s-container-image",
    version,
    license: "Apache-2.0",
    sha256: await hashFile(output),
    comment: `built for ${platform.id}`,
    // The list of authorities is the one that comes with Bun.
    contains: [k0s, npmPackage("bun", Bun.version, "MIT"), ...debianSbom(packages, [], platform.arch)],
  });
  await writeFile(join(dir, files.containerImageSbom), `${JSON.stringify(sbom, undefined, 2)}\n`);
}
