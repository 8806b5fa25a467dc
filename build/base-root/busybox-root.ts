// A root file system that holds nothing but one static busybox and links to it: no C library, no shell but its own.

import { copyFile, mkdir, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Makes it beside the Debian root that busybox is taken from; returns the directory. */
export async function ensureBusyboxRoot(debianRoot: string): Promise<string> {
  const root = `${debianRoot}-busybox`;
  if ((await stat(root).catch(() => undefined)) !== undefined) return root;
  const temporary = `${root}.${process.pid}.tmp`;
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
    if ((await stat(root).catch(() => undefined)) === undefined) throw err;
  });
  return root;
}

async function applets(busybox: string): Promise<string[]> {
  const child = Bun.spawn([busybox, "--list"], { stdout: "pipe" });
  const names = (await new Response(child.stdout).text()).split("\n").filter((name) => name !== "");
  if ((await child.exited) !== 0 || names.length === 0)
    throw new Error(`${busybox} does not list its applets`);
  return names;
}
