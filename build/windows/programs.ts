// The programs of others that are built for Windows, from the same pinned sources as those for Linux. Programs that Linux
// has of a component are no input here, nor the other way round: adding a program for Windows compiles nothing for Linux again.

import type { Progress } from "../../src/std/progress.ts";
import { buildFor, type BuiltComponent } from "../components/build-component.ts";
import { type Component, loadComponent } from "../components/read-catalog.ts";
import type { PartTree } from "../pack/part-tree.ts";
import { windowsTarget } from "../platform.ts";

/** Component → name of the program → its Go package. One program a file: a name of its own would need links, which Windows lacks. */
export const windowsPrograms: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  kubernetes: { kubelet: "k8s.io/kubernetes/cmd/kubelet" },
  containerd: { containerd: "github.com/containerd/containerd/v2/cmd/containerd" },
  hcsshim: { "containerd-shim-runhcs-v1": "github.com/Microsoft/hcsshim/cmd/containerd-shim-runhcs-v1" },
};

/** The component as it is built for Windows. */
export function forWindows(component: Component, programs: Readonly<Record<string, string>>): Component {
  const executables = Object.entries(programs).map(([output, path]) => ({ output, package: path, tags: [] }));
  return { ...component, cgo: false, executables };
}

export async function buildWindowsPrograms(options: {
  signal: AbortSignal;
  report: Progress;
}): Promise<readonly BuiltComponent[]> {
  const built: BuiltComponent[] = [];
  for (const [name, programs] of Object.entries(windowsPrograms))
    built.push(await buildFor(forWindows(await loadComponent(name), programs), windowsTarget, options));
  return built;
}

/** The part of the file: programs end in .exe there. */
export function windowsTree({ name, version, outputs }: BuiltComponent): PartTree {
  const files = Object.entries(outputs).map(([output, source]) => ({
    path: `${output}.exe`,
    source,
    mode: 0o755,
  }));
  return { name, kind: "component", version, files, links: [] };
}
