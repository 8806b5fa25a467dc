// Hosts that the tests of install.sh run it on: a shell, and the programs that the host has and no others.

import { copyFile, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../src/os/exec.ts";
import { debianTree } from "../debian/debian-tree.ts";
import { hostPlatform } from "../platform.ts";

export interface Host {
  readonly shell: string;
  readonly path: string;
}

/** Programs that a host has, as links in one directory. */
async function programs(
  home: string,
  label: string,
  names: Readonly<Record<string, string>>,
): Promise<string> {
  const path = join(home, label);
  await mkdir(path);
  for (const [program, target] of Object.entries(names)) await symlink(target, join(path, program));
  return path;
}

const usual = [
  "awk",
  "base64",
  "cat",
  "chmod",
  "df",
  "mkdir",
  "mktemp",
  "mv",
  "rm",
  "sed",
  "sha256sum",
  "sync",
  "uname",
];
const withPaths = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((program) => [program, Bun.which(program) ?? `/nowhere/${program}`]));

/** Below a directory that they are made in. */
export async function installHosts(home: string): Promise<Readonly<Record<string, Host>>> {
  const tree = await debianTree({ packages: ["busybox-static"] }, hostPlatform());
  const busybox = join(home, "busybox");
  await copyFile(join(tree.dir, "bin/busybox"), busybox);
  const applets = (await run(busybox, ["--list"])).stdout.split("\n").filter((applet) => applet !== "");
  const box = Object.fromEntries(applets.map((applet) => [applet, busybox]));
  return {
    "dash and curl": {
      shell: "/bin/dash",
      path: await programs(home, "curl", withPaths([...usual, "curl", "openssl"])),
    },
    "dash and wget": {
      shell: "/bin/dash",
      path: await programs(home, "wget", withPaths([...usual, "wget", "openssl"])),
    },
    "busybox alone": { shell: busybox, path: await programs(home, "box", box) },
  };
}
