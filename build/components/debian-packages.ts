// Debian packages that the build host lacks: installed when we may, named when we may not.

import { UserError } from "../../src/std/errors.ts";
import { runCommand } from "../run-command.ts";

const quiet = { DEBIAN_FRONTEND: "noninteractive" };

/** The packages of `wanted` that `dpkg-query -W -f '${Package}:${Architecture} ${db:Status-Status}\n'` does not show as installed. */
export function missingPackages(
  wanted: readonly string[],
  installed: string,
  hostArch: string,
): readonly string[] {
  const have = new Set<string>();
  for (const line of installed.split("\n")) {
    const [name = "", status] = line.split(" ");
    if (status !== "installed") continue;
    have.add(name);
    const [bare = "", arch] = name.split(":");
    // A package of the host's own architecture, or of none, answers to its bare name.
    if (arch === hostArch || arch === "all") have.add(bare);
  }
  return wanted.filter((name) => !have.has(name));
}

export async function ensurePackages(
  wanted: readonly string[],
  hostArch: string,
  signal?: AbortSignal,
): Promise<void> {
  const options = {
    what: "looking at the installed Debian packages",
    ...(signal === undefined ? {} : { signal }),
  };
  const format = "${Package}:${Architecture} ${db:Status-Status}\n";
  const missing = missingPackages(
    wanted,
    await runCommand(["dpkg-query", "-W", "-f", format], options),
    hostArch,
  );
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) {
    throw new UserError(`the build needs Debian packages that are not installed: ${missing.join(" ")}`, {
      code: "packages-missing",
      hint: `Install them (apt-get install ${missing.join(" ")}) and run the same command again.`,
    });
  }
  const foreign = missing
    .map((name) => name.split(":")[1])
    .find((arch) => arch !== undefined && arch !== hostArch);
  const install = { ...options, env: quiet, what: `installing ${missing.join(" ")}` };
  if (foreign !== undefined) await runCommand(["dpkg", "--add-architecture", foreign], install);
  await runCommand(["apt-get", "update", "-qq"], install);
  await runCommand(["apt-get", "install", "-y", "-qq", "--no-install-recommends", ...missing], install);
}
