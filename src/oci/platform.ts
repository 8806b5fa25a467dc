// For which machines images are meant, and which of several manifests is for one. Upstream: github.com/containerd/platforms.

import { UserError } from "../std/errors.ts";
import type { Descriptor } from "./image.ts";

export interface Platform {
  readonly os: string;
  /** Of Windows: images are bound to it. */
  readonly osVersion?: string | undefined;
  readonly architecture: string;
  readonly variant?: string | undefined;
}

/** Other names of an architecture. */
const aliases: Readonly<Record<string, readonly [architecture: string, variant?: string]>> = {
  x86_64: ["amd64"],
  "x86-64": ["amd64"],
  aarch64: ["arm64"],
  armhf: ["arm", "v7"],
  armel: ["arm", "v6"],
};

/** `linux/arm64`, `linux/arm/v7`, `windows(10.0.20348)/amd64`; throws a UserError for anything else. */
export function parsePlatform(text: string): Platform {
  const match = /^([a-z0-9]+)(?:\(([\d.]+)\))?\/([a-z0-9_-]+)(?:\/(v?[a-z0-9]+))?$/i.exec(text.trim());
  if (match === null)
    throw new UserError(
      `${JSON.stringify(text)} is not a platform: it has the form OS/ARCHITECTURE or OS/ARCHITECTURE/VARIANT`,
    );
  const [, os = "", osVersion, named = "", variant] = match;
  const [architecture, implied] = aliases[named.toLowerCase()] ?? [named.toLowerCase()];
  const platform = { os: os.toLowerCase(), osVersion, architecture, variant: variant ?? implied };
  return { ...platform, variant: variantOf(platform) };
}

export function platformText({ os, osVersion, architecture, variant }: Platform): string {
  const version = osVersion === undefined ? "" : `(${osVersion})`;
  return [`${os}${version}`, architecture, ...(variant === undefined ? [] : [variant])].join("/");
}

/** Of what Node calls it. */
export function hostPlatform(): Platform {
  const architectures: Readonly<Record<string, string>> = { x64: "amd64" };
  return { os: process.platform, architecture: architectures[process.arch] ?? process.arch };
}

/** What runs there, best first; 32-bit ARM runs what was made for older ones. */
export function manifestFor(manifests: readonly Descriptor[], wanted: Platform): Descriptor | undefined {
  const variants = acceptedVariants(wanted);
  const fitting = manifests.filter(
    ({ platform }) =>
      platform !== undefined &&
      platform.os === wanted.os &&
      platform.architecture === wanted.architecture &&
      versionFits(platform["os.version"], wanted.osVersion),
  );
  for (const variant of variants) {
    const found = fitting.find(({ platform }) => platform !== undefined && variantOf(platform) === variant);
    if (found !== undefined) return found;
  }
  return undefined;
}

function acceptedVariants(platform: Platform): readonly (string | undefined)[] {
  const variant = variantOf(platform);
  if (platform.architecture !== "arm") return [variant];
  const order = ["v8", "v7", "v6", "v5"];
  return order.slice(Math.max(0, order.indexOf(variant ?? "v7")));
}

/** The usual variant of an architecture needs no name; that of 32-bit ARM is v7. */
function variantOf({
  architecture,
  variant,
}: Pick<Platform, "architecture" | "variant">): string | undefined {
  if (architecture === "arm64" && (variant === "v8" || variant === "8")) return undefined;
  if (architecture === "amd64" && variant === "v1") return undefined;
  if (architecture === "arm") return variant === undefined ? "v7" : `v${variant.replace(/^v/, "")}`;
  return variant;
}

/** Major, minor and build have to be the same; the last number is that of an update. */
function versionFits(has: string | undefined, wanted: string | undefined): boolean {
  if (wanted === undefined || has === undefined) return true;
  return has.split(".").slice(0, 3).join(".") === wanted.split(".").slice(0, 3).join(".");
}
