// The bill of materials of the k0s file: every component with what was linked into it, our own modules, Debian's packages.

import { join } from "node:path";
import { z } from "zod";
import { k0sVersion } from "../../src/product/versions.ts";
import { repoRoot } from "../cache-root.ts";
import type { BuiltComponent } from "../components/build-component.ts";
import type { UsedPackage } from "../debian/package-set.ts";
import type { LinkedPackage } from "../debian/linked-packages.ts";
import type { Target } from "../platform.ts";
import { readComponentPackage } from "../sbom/component-sbom.ts";
import { linkedModules } from "../sbom/go-modules.ts";
import { debianSbom } from "../sbom/debian-sbom.ts";
import { goPackage, npmPackage } from "../sbom/packages.ts";
import { type SbomPackage, type SpdxDocument, spdxDocument } from "../sbom/spdx.ts";
import type { Packed } from "./assemble.ts";

export interface PackSbomInputs {
  readonly platform: Target;
  readonly launcher: string;
  readonly components: readonly BuiltComponent[];
  readonly bunVersion: string;
  /** Whose files are in the file or in its images. */
  readonly debian: readonly UsedPackage[];
  /** Of the build host, linked into programs. */
  readonly linked: readonly LinkedPackage[];
  readonly packed: Packed;
}

export async function packSbom(inputs: PackSbomInputs): Promise<SpdxDocument> {
  const { platform, packed } = inputs;
  const launcher: SbomPackage = {
    name: "k0s-launcher",
    version: k0sVersion,
    license: "Apache-2.0",
    contains: (await linkedModules([inputs.launcher])).map(goPackage),
  };
  const runtime: SbomPackage = {
    name: "k0s-runtime",
    version: k0sVersion,
    license: "Apache-2.0",
    contains: [npmPackage("bun", inputs.bunVersion, "MIT"), ...(await npmDependencies())],
  };
  const components = await Promise.all(inputs.components.map(({ dir }) => readComponentPackage(dir)));
  const debian = debianSbom(inputs.debian, inputs.linked, platform.arch);
  return spdxDocument({
    name: "k0s",
    version: k0sVersion,
    license: "Apache-2.0",
    sha256: packed.sha256,
    comment: `built for ${platform.id}`,
    contains: [launcher, runtime, ...components, ...debian],
  });
}

const manifestSchema = z.object({ dependencies: z.record(z.string(), z.string()) });
const installedSchema = z.object({ version: z.string(), license: z.string().optional() });

async function npmDependencies(): Promise<readonly SbomPackage[]> {
  const { dependencies } = manifestSchema.parse(await Bun.file(join(repoRoot, "package.json")).json());
  return Promise.all(
    Object.keys(dependencies).map(async (name) => {
      const file = Bun.file(join(repoRoot, "node_modules", name, "package.json"));
      const { version, license } = installedSchema.parse(await file.json());
      return npmPackage(name, version, license);
    }),
  );
}
