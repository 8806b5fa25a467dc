// The bill of materials of one component, kept beside its executables, and read back when they are packed.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { guestsOf } from "../components/read-catalog.ts";
import type { GoModule } from "./go-modules.ts";
import { goPackage } from "./packages.ts";
import { type SbomPackage, type SpdxDocument, spdxDocument } from "./spdx.ts";

export interface DescribedComponent {
  readonly name: string;
  readonly version: string;
  readonly module: string;
  readonly license: string;
  /** Programs of other modules that are linked into it (read-catalog.ts). */
  readonly lift?: Readonly<Record<string, string | { readonly module: string; readonly license: string }>>;
}

function licenses(component: DescribedComponent): ReadonlyMap<string, string> {
  const guests = guestsOf(component).map(([, guest]) => [guest.module, guest.license] as const);
  return new Map([[component.module, component.license], ...guests]);
}

export function componentPackage(component: DescribedComponent, modules: readonly GoModule[]): SbomPackage {
  const known = licenses(component);
  return {
    name: component.name,
    version: component.version,
    license: component.license,
    contains: modules.map((module) => {
      const entry = goPackage(module);
      const license = known.get(module.path);
      return license === undefined ? entry : { ...entry, license };
    }),
  };
}

export function componentSbom(
  component: DescribedComponent,
  platform: string,
  modules: readonly GoModule[],
): SpdxDocument {
  return spdxDocument({ ...componentPackage(component, modules), comment: `built for ${platform}` });
}

const stored = z.object({
  packages: z.array(
    z.object({
      name: z.string(),
      versionInfo: z.string(),
      licenseDeclared: z.string(),
      comment: z.string().optional(),
      externalRefs: z.array(z.object({ referenceLocator: z.string() })).optional(),
    }),
  ),
});

/** Reads `<dir>/sbom.json` of a built component as a package to be contained in a larger document. */
export async function readComponentPackage(dir: string): Promise<SbomPackage> {
  const document = stored.parse(JSON.parse(await readFile(join(dir, "sbom.json"), "utf8")));
  const packages = document.packages.map((entry): SbomPackage => {
    const purl = entry.externalRefs?.[0]?.referenceLocator;
    return {
      name: entry.name,
      version: entry.versionInfo,
      ...(entry.licenseDeclared === "NOASSERTION" ? {} : { license: entry.licenseDeclared }),
      ...(entry.comment === undefined ? {} : { comment: entry.comment }),
      ...(purl === undefined ? {} : { purl }),
    };
  });
  // Written in the order of the walk: what is described comes first.
  const [root, ...contains] = packages;
  if (root === undefined) throw new Error(`${dir}/sbom.json lists no package`);
  return { ...root, contains };
}
