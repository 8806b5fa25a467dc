// What a recipe in images/ is made of: plain data, so that a reader sees the whole image on one page.

import type { PackageProgramsEntry } from "./debian-programs.ts";

export interface ImageRecipe {
  /** Full reference; of system images what src/config says by default. */
  readonly ref: string;
  /** From the bottom up. The same layer in several recipes is built, stored and unpacked once. */
  readonly layers: readonly LayerRecipe[];
  readonly config: ImageRuntimeConfig;
}

export interface ImageRuntimeConfig {
  readonly entrypoint?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Numeric, for agents that run as nobody: `runAsNonRoot` refuses names. */
  readonly user?: string;
  readonly workingDir?: string;
}

export interface LayerRecipe {
  /** For progress and errors. */
  readonly name: string;
  readonly entries: readonly LayerEntry[];
}

export type LayerEntry =
  | {
      readonly kind: "component";
      /** Folder in upstream/. */
      readonly component: string;
      /** One of the names that its executable answers to. */
      readonly call: string;
      /** The same file under several names becomes hard links. */
      readonly paths: readonly string[];
    }
  | {
      readonly kind: "program";
      /** A Go module in images/ without dependencies, or one C file. */
      readonly source: string;
      readonly paths: readonly string[];
    }
  | { readonly kind: "text"; readonly path: string; readonly text: string; readonly mode?: number }
  | { readonly kind: "directory"; readonly path: string; readonly mode?: number; readonly uid?: number }
  | { readonly kind: "symlink"; readonly path: string; readonly target: string }
  | PackageProgramsEntry;
