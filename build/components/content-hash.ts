// The name of a build result is the hash of everything that shapes its bytes: same inputs, same name, no build.

import { createHash } from "node:crypto";

/** Raise it when the way of building changes in a manner that the other inputs do not show. */
const recipe = 1;

export interface BuildInputs {
  /** Path inside the component's folder → SHA-256 of the content. */
  readonly files: Readonly<Record<string, string>>;
  readonly platform: string;
  /** `go env GOVERSION`. */
  readonly toolchain: string;
  /** Compiler flags that are the same for every component. */
  readonly flags: readonly string[];
  /** The C compiler and the packages that are linked statically; absent for pure Go. */
  readonly c?: readonly string[];
}

export function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

export function contentHash(inputs: BuildInputs): string {
  // JSON of arrays in a fixed order: unlike joined strings, no two inputs can run into each other.
  const files = Object.entries(inputs.files).sort(([a], [b]) => (a < b ? -1 : 1));
  const canonical = [recipe, inputs.platform, inputs.toolchain, inputs.flags, inputs.c ?? null, files];
  return sha256(JSON.stringify(canonical)).slice(0, 32);
}

/** Whether a file of a component's folder takes part in its build. */
export function isBuildInput(path: string): boolean {
  if (path.endsWith("_test.go")) return false;
  return /\.(go|patch)$/.test(path) || ["go.mod", "go.sum", "component.json"].includes(path);
}
