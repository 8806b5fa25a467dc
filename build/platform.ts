// The platforms that artefacts are built for, and what each needs from the host's C compiler.

import { UserError } from "../src/std/errors.ts";

export const platformIds = ["linux/amd64", "linux/arm64"] as const;
export type PlatformId = (typeof platformIds)[number];

export interface Platform {
  readonly id: PlatformId;
  readonly os: "linux";
  readonly arch: "amd64" | "arm64";
  /** Folder name in caches and `dist/`. */
  readonly dir: string;
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
