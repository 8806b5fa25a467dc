// Every set of Debian packages that ends in the k0s file, an image or a root of test machines: what the lock has to know.

import { imageRecipes } from "../../images/recipes.ts";
import { toolbox } from "../../images/demo/toolbox.ts";
import { web } from "../../images/demo/web.ts";
import { k0sImage } from "../../images/k0s/image.ts";
import {
  bootedRootPackages,
  databaseRootPackages,
  debianRootPackages,
  firewallRootPackages,
  serviceRootPackages,
} from "../base-root/debian-root.ts";
import { hostToolPackages } from "../host-tools/host-tools.ts";
import type { Platform } from "../platform.ts";
import { runtimePackages } from "../runtime/build-runtime.ts";
import { imagePackages, loaderPackages } from "../vm-images/packages.ts";
import { kernelPackages } from "../vm/kernel.ts";
import { linkedPackages } from "./linked-packages.ts";
import { type PackageSet, setKey } from "./package-set.ts";

/** Each set once. */
export function packageSets(platform: Platform): readonly PackageSet[] {
  const images = [...imageRecipes, k0sImage, web, toolbox].flatMap(({ layers }) =>
    layers.flatMap(({ entries }) =>
      entries.flatMap((entry) => (entry.kind === "debian" ? [{ packages: entry.packages }] : [])),
    ),
  );
  const linked = linkedPackages(platform);
  const all = [
    runtimePackages,
    hostToolPackages,
    linked.native,
    linked.cross,
    ...images,
    debianRootPackages,
    databaseRootPackages,
    serviceRootPackages,
    firewallRootPackages,
    ...Object.values(bootedRootPackages),
    kernelPackages(platform),
    imagePackages(platform),
    loaderPackages(platform),
  ];
  return [...new Map(all.map((set) => [setKey(set), set])).values()];
}
