// A root file system that holds nothing but one static busybox and links to it: no C library, no shell but its own.

import { copyFile, mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describeEnd } from "../../src/std/program-end.ts";
import { markUsed } from "../prune-unused.ts";
import { partialName } from "../partial-name.ts";

/** Makes it beside the Debian root that busybox is taken from; returns the directory. */
export async function ensureBusyboxRoot(debianRoot: string): Promise<string> {
  const root = `${debianRoot}-busybox`;
  if (existsSync(root)) {
    await markUsed(root);
    return root;
  }
  const temporary = partialName(root);
  await rm(temporary, { recursive: true, force: true });
  await mkdir(join(temporary, "bin"), { recursive: true });
  await mkdir(join(temporary, "etc"));
  const busybox = join(temporary, "bin/busybox");
  await copyFile(join(debianRoot, "bin/busybox"), busybox);
  for (const applet of await applets(busybox)) {
    if (applet !== "busybox") await symlink("busybox", join(temporary, "bin", applet));
  }
  await writeFile(join(temporary, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
  await writeFile(join(temporary, "etc/group"), "root:x:0:\n");
  await rename(temporary, root).catch(async (err: unknown) => {
    await rm(temporary, { recursive: true, force: true });
    if (!existsSync(root)) throw err;
  });
  return root;
}

async function applets(busybox: string): Promise<string[]> {
  const child = Bun.spawn([busybox, "--list"], { stdout: "pipe" });
  const names = (await new Response(child.stdout).text()).split("\n").filter((name) => name !== "");
  const code = await child.exited;
  if (code !== 0) throw new Error(`${busybox} --list ${describeEnd({ code, signal: child.signalCode })}`);
  if (names.length === 0) throw new Error(`${busybox} --list names no applet`);
  return names;
}
