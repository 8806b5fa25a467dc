// The platforms that artefacts are built for, and what each needs from the host's C compiler.

import { UserError } from "../src/std/errors.ts";

export const platformIds = ["linux/amd64", "linux/arm64"] as const;
export type PlatformId = (typeof platformIds)[number];

/** What Go compiles for. */
export interface Target {
  readonly id: string;
  readonly os: "linux" | "windows";
  readonly arch: "amd64" | "arm64";
  /** Folder name in caches and `dist/`. */
  readonly dir: string;
}

/** What the whole of k0s is built for. */
export interface Platform extends Target {
  readonly id: PlatformId;
  readonly os: "linux";
  /** Debian's name of the architecture triple: prefix of its cross compiler and its library folder. */
  readonly triple: string;
}

const platforms: Record<PlatformId, Platform> = {
  "linux/amd64": {
    id: "linux/amd64",
    os: "linux",
    arch: "amd64",
    dir: "linux-amd64",
    triple: "x86_64-linux-gnu",
  },
  "linux/arm64": {
    id: "linux/arm64",
    os: "linux",
    arch: "arm64",
    dir: "linux-arm64",
    triple: "aarch64-linux-gnu",
  },
};

/** Nodes with Windows: k0s.exe, see build/windows/. */
export const windowsTarget: Target & { readonly id: "windows/amd64" } = {
  id: "windows/amd64",
  os: "windows",
  arch: "amd64",
  dir: "windows-amd64",
};

/** Accepts `linux/arm64`, `linux-arm64` and `arm64`. */
export function parsePlatform(text: string): Platform {
  const wanted = text.includes("/") ? text : text.includes("-") ? text.replace("-", "/") : `linux/${text}`;
  const id = platformIds.find((known) => known === wanted);
  if (id !== undefined) return platforms[id];
  throw new UserError(`unknown platform ${text}`, {
    code: "unknown-platform",
    hint: `Use one of: ${platformIds.join(", ")}.`,
  });
}

/** The platform that this process runs on. */
export function hostPlatform(): Platform {
  return parsePlatform(process.arch === "arm64" ? "linux/arm64" : "linux/amd64");
}
