// Packages of the kinds that end up in our artefacts, with the package URLs that scanners understand.

import type { GoModule } from "./go-modules.ts";
import type { SbomPackage } from "./spdx.ts";

export function goPackage(module: GoModule): SbomPackage {
  if (module.path === "std") {
    const purl = `pkg:golang/std@${module.version}`;
    return { name: "go-standard-library", version: module.version, purl, license: "BSD-3-Clause" };
  }
  const sum = module.sum === undefined ? undefined : `go.sum ${module.sum}`;
  const comment = module.patched === true ? "with the patches of components/" : sum;
  return {
    name: module.path,
    version: module.version,
    purl: `pkg:golang/${encodePath(module.path)}@${encodeURIComponent(module.version)}`,
    ...(comment === undefined ? {} : { comment }),
  };
}

export function npmPackage(name: string, version: string, license?: string): SbomPackage {
  const purl = `pkg:npm/${encodePath(name)}@${encodeURIComponent(version)}`;
  return { name, version, purl, ...(license === undefined ? {} : { license }) };
}

export function debianPackage(name: string, version: string, arch: string): SbomPackage {
  return { name, version, purl: `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${arch}` };
}

function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
