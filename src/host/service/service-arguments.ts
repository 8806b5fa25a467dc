// The command line of a service: what was given to `k0s install`, flag by flag, in the form that k0sctl compares with.
// Upstream: cmd/install/util.go.

import { resolve } from "node:path";

/** A flag that was given, with the text of its value. */
export interface GivenFlag {
  readonly name: string;
  readonly value: string;
}

const pathFlags = ["config", "data-dir", "kubelet-root-dir", "status-socket", "token-file"];
const ofInstallAlone = ["env", "force", "start"];

/** Sorted by name, as pflag visits them; paths absolute, since a service has a working directory of its own. */
export function serviceArguments(
  command: "controller" | "worker",
  given: readonly GivenFlag[],
  directory: string,
  absolute: (directory: string, path: string) => string = resolve,
): readonly string[] {
  const flags = given
    .filter(({ name }) => !ofInstallAlone.includes(name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, value }) =>
      pathFlags.includes(name) && value !== ""
        ? { name, value: absolute(directory, value) }
        : { name, value },
    );
  return [command, ...flags.map(({ name, value }) => `--${name}=${value}`)];
}
