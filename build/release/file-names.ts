// What the files of a release are called: as upstream k0s names them, since k0sctl and scripts download them by these
// names.

import type { Platform } from "../platform.ts";

export interface PlatformFiles {
  /** k0sctl asks for it by this name. */
  readonly k0s: string;
  readonly sbom: string;
  readonly imageList: string;
  readonly airgapBundle: string;
  /** An OCI archive with the container image of k0s. */
  readonly containerImage: string;
  readonly containerImageSbom: string;
  /** Disks of a virtual machine that boots, the same in two formats. */
  readonly vmImageRaw: string;
  readonly vmImageQcow2: string;
  readonly vmImageSbom: string;
}

export function platformFiles(version: string, { os, arch }: Pick<Platform, "os" | "arch">): PlatformFiles {
  const k0s = `k0s-${version}-${arch}`;
  const image = `k0s-container-image-${version}-${os}-${arch}`;
  const machine = `k0s-vm-image-${version}-${os}-${arch}`;
  return {
    k0s,
    sbom: `${k0s}.spdx.json`,
    imageList: `airgap-images-${os}-${arch}.txt`,
    airgapBundle: `k0s-airgap-bundle-${version}-${os}-${arch}.tar`,
    containerImage: `${image}.tar`,
    containerImageSbom: `${image}.spdx.json`,
    vmImageRaw: `${machine}.raw`,
    vmImageQcow2: `${machine}.qcow2`,
    vmImageSbom: `${machine}.spdx.json`,
  };
}

export const checksumsFile = "sha256sums.txt";
export const publicKeyFile = "cosign.pub";
export const installScriptFile = "install.sh";

export function signatureFile(name: string): string {
  return `${name}.sig`;
}

/** Whether a file is named by this version, and not by one that begins like it. */
export function namesVersion(name: string, version: string): boolean {
  return name
    .split(version)
    .slice(1)
    .some((rest) => /^[-.]/.test(rest));
}

/** A plus in a path is a blank to some servers; in the last part it stays as upstream's feed has it. */
export function fileUrl(base: string, version: string, name: string): string {
  return `${base.replace(/\/+$/, "")}/${version.replaceAll("+", "%2B")}/${name}`;
}
