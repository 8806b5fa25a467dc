// Runtimes that a host has beside the runc of k0s: by which program they are known, and how containerd uses them. docs/adr/0088.

import { findExecutable } from "../../os/find-executable.ts";
import { at } from "./toml-value.ts";

export interface KnownRuntime {
  /** Of containerd's handler, and of the RuntimeClass. */
  readonly name: string;
  /** It is there if this program is. */
  readonly program: string;
  /** What `program` cannot work without, looked for by itself in its PATH. */
  readonly needs?: string;
  readonly type: string;
  /** `runc`: called in the place of runc, by its shim. `shim`: it has a shim of its own, and `program` is that. */
  readonly as: "runc" | "shim";
  /** Pods that are privileged get no devices of the host: a virtual machine has its own. */
  readonly virtual?: true;
}

export interface HostRuntime extends KnownRuntime {
  readonly path: string;
}

const runcType = "io.containerd.runc.v2";

/** In the order in which people are told of them. */
export const knownRuntimes: readonly KnownRuntime[] = [
  { name: "nvidia", program: "nvidia-container-runtime", type: runcType, as: "runc" },
  { name: "nvidia-cdi", program: "nvidia-container-runtime.cdi", type: runcType, as: "runc" },
  { name: "crun", program: "crun", type: runcType, as: "runc" },
  {
    name: "gvisor",
    program: "containerd-shim-runsc-v1",
    needs: "runsc",
    type: "io.containerd.runsc.v1",
    as: "shim",
  },
  {
    name: "kata",
    program: "containerd-shim-kata-v2",
    type: "io.containerd.kata.v2",
    as: "shim",
    virtual: true,
  },
];

/** Where their own installers put them, outside of a PATH. */
const usualPlaces = "/usr/local/nvidia/toolkit:/opt/kata/bin";

type Find = (program: string, path?: string) => string | undefined;

/** What is installed. `path`: as containerd has it. */
export function hostRuntimes(
  path: string = process.env["PATH"] ?? "",
  find: Find = findExecutable,
): readonly HostRuntime[] {
  return knownRuntimes.flatMap((runtime) => {
    const found = find(runtime.program, `${path}:${usualPlaces}`);
    const complete = runtime.needs === undefined || find(runtime.needs, path) !== undefined;
    return found === undefined || !complete ? [] : [{ ...runtime, path: found }];
  });
}

export interface OfferedRuntimes {
  readonly runtimes: readonly HostRuntime[];
  /** As an operator has it for runc: all that is called in its place has to do the same. */
  readonly systemdCgroup: boolean;
}

/** Those that no drop-in file sets up itself: what it says counts, undivided. */
export function offeredRuntimes(
  found: readonly HostRuntime[],
  settings: readonly unknown[],
): OfferedRuntimes {
  const set = (...path: readonly string[]): unknown[] =>
    settings.map((file) =>
      at(file, "plugins", "io.containerd.cri.v1.runtime", "containerd", "runtimes", ...path),
    );
  return {
    runtimes: found.filter(({ name }) => set(name).every((value) => value === undefined)),
    systemdCgroup: set("runc", "options", "SystemdCgroup").includes(true),
  };
}
