// `make vm-images`: disks that boot, in `dist/vm-images/`, of the k0s file that has been built for this host. A release
// takes them along.

import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { k0sVersion } from "../../src/product/versions.ts";
import { UserError } from "../../src/std/errors.ts";
import { repoRoot } from "../cache-root.ts";
import { hashFile } from "../components/hash-file.ts";
import type { UsedPackage } from "../debian/package-set.ts";
import { formatBytes } from "../format.ts";
import { outputDir } from "../pack/output-dir.ts";
import { hostPlatform, type Platform } from "../platform.ts";
import { platformFiles } from "../release/file-names.ts";
import { debianSbom } from "../sbom/debian-sbom.ts";
import { spdxDocument } from "../sbom/spdx.ts";
import type { BuildContext, BuildTarget } from "../targets.ts";
import { buildVmImage } from "./build-image.ts";

export const vmImagesTarget: BuildTarget = {
  async run({ platform, signal, report }) {
    const dir = join(repoRoot, "dist/vm-images");
    for (const path of await makeVmImages({ dir, platform, signal, report }))
      report.ready(`  ${formatBytes(Bun.file(path).size).padStart(7)}  ${relative(repoRoot, path)}`);
  },
};

export interface VmImagesInputs extends Pick<BuildContext, "platform" | "signal" | "report"> {
  readonly dir: string;
}

/** Paths of what it has made. Nothing is in `dir` before it is whole. */
export async function makeVmImages(inputs: VmImagesInputs): Promise<readonly string[]> {
  const { dir, platform, signal, report } = inputs;
  const k0s = k0sFile(platform);
  await mkdir(dir, { recursive: true });
  const scratch = await mkdtemp(join(dir, ".making-"));
  const step = report.step(`virtual machine's image ${platform.id}`);
  try {
    const files = platformFiles(k0sVersion, platform);
    const names = [files.vmImageRaw, files.vmImageQcow2, files.vmImageSbom];
    const made = (name: string): string => join(scratch, name);
    const [raw, qcow2] = [made(files.vmImageRaw), made(files.vmImageQcow2)];
    const packages = await buildVmImage({ k0s, platform, scratch, raw, qcow2, signal, report });
    const sbom = await imageSbom(platform, packages, { k0s, raw });
    await writeFile(made(files.vmImageSbom), `${JSON.stringify(sbom, undefined, 2)}\n`);
    for (const name of names) await rename(made(name), join(dir, name));
    step.done(`${packages.length} Debian packages`);
    return names.map((name) => join(dir, name));
  } catch (err) {
    step.fail(err);
    throw err;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Installing Debian's packages runs their programs. */
function k0sFile(platform: Platform): string {
  const host = hostPlatform();
  if (platform.id !== host.id)
    throw new UserError(`an image for ${platform.id} cannot be made on ${host.id}`, {
      code: "vm-image",
      hint: `Make it on a host with that processor: make vm-images.`,
    });
  const k0s = join(outputDir(platform), "k0s");
  if (existsSync(k0s)) return k0s;
  throw new UserError(`${relative(repoRoot, k0s)} has not been built`, {
    code: "vm-image",
    hint: "make build",
  });
}

async function imageSbom(
  platform: Platform,
  packages: readonly UsedPackage[],
  { k0s, raw }: { readonly k0s: string; readonly raw: string },
) {
  const own = platformFiles(k0sVersion, platform);
  const file = {
    name: "k0s",
    version: k0sVersion,
    license: "Apache-2.0",
    sha256: await hashFile(k0s),
    comment: `its own bill of materials is ${own.sbom}`,
  };
  return spdxDocument({
    name: "k0s-vm-image",
    version: k0sVersion,
    license: "Apache-2.0",
    sha256: await hashFile(raw),
    comment: `built for ${platform.id}; the sum is that of the raw disk`,
    contains: [file, ...debianSbom(packages, [], platform.arch)],
  });
}
