// Which components go into the file as programs of the host, in the order in which a starting node needs them.

import type { BuiltComponent } from "../components/build-component.ts";
import type { Executable } from "../components/read-catalog.ts";
import { callNames } from "../components/read-catalog.ts";
import type { PartTree } from "./part-tree.ts";

/** The others are only inside images. */
export const hostComponents = [
  "kine",
  "kubernetes",
  "etcd",
  "containerd",
  "runc",
  "konnectivity",
  "cni-plugins",
] as const;

/** The system users of the control plane start them, in groups of their own: docs/adr/0021. */
const programMode = 0o755;

export function componentTree(built: BuiltComponent, executables: readonly Executable[]): PartTree {
  const plugins = built.name === "cni-plugins";
  return {
    name: built.name,
    kind: plugins ? "cni-plugins" : "component",
    version: built.version,
    files: executables.map(({ output }) => ({
      path: output,
      source: outputPath(built, output),
      mode: programMode,
    })),
    links: executables.flatMap((executable) =>
      callNames(executable)
        .filter((name) => name !== executable.output)
        .map((name) => ({ path: name, target: executable.output })),
    ),
  };
}

function outputPath(built: BuiltComponent, output: string): string {
  const path = built.outputs[output];
  if (path === undefined) throw new Error(`component ${built.name} has no output ${output}`);
  return path;
}
