// The targets of `bun build/build.ts`. To add one: a file that exports a `BuildTarget`, a line here.
// Targets are loaded when asked for, and call each other's functions, not each other's targets.

import type { Progress } from "../src/std/progress.ts";
import type { Platform } from "./platform.ts";

export interface BuildContext {
  readonly platform: Platform;
  /** What the command line says behind `--`, for targets that take more. */
  readonly args: readonly string[];
  readonly signal: AbortSignal;
  readonly report: Progress;
}

export interface BuildTarget {
  run(context: BuildContext): Promise<void>;
}

interface TargetEntry {
  readonly summary: string;
  readonly load: () => Promise<BuildTarget>;
}

export const targets: Readonly<Record<string, TargetEntry>> = {
  components: {
    summary: "every upstream component from source; `-- NAME...` for some of them",
    load: async () => (await import("./components/components-target.ts")).componentsTarget,
  },
  tidy: {
    summary: "go.mod and go.sum of the components after a version changed; `-- NAME...` for some of them",
    load: async () => (await import("./components/tidy-target.ts")).tidyTarget,
  },
  images: {
    summary: "the system images",
    load: async () => (await import("./images/images-target.ts")).imagesTarget,
  },
  "demo-images": {
    summary: "a bundle with the images of `make run` and the tests",
    load: async () => (await import("./images/images-target.ts")).demoImagesTarget,
  },
  "update-debian": {
    summary: "the lock of Debian packages: the newest of each, and what changes by it",
    load: async () => (await import("./debian/update-target.ts")).updateDebianTarget,
  },
  pack: {
    summary: "dist/k0s from all of it, with checksums and bill of materials",
    load: async () => (await import("./pack/pack-target.ts")).packTarget,
  },
  windows: {
    summary: "dist/windows-amd64/k0s.exe: what of k0s runs on Windows, experimental",
    load: async () => (await import("./windows/windows-build.ts")).windowsBuild,
  },
  "vm-images": {
    summary: "dist/vm-images: bootable disks with the k0s file of this host",
    load: async () => (await import("./vm-images/vm-images-target.ts")).vmImagesTarget,
  },
  release: {
    summary: "dist/release: what is published of the files that have been built",
    load: async () => (await import("./release/release-target.ts")).releaseTarget,
  },
};
