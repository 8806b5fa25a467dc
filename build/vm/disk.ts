// The disk of a virtual machine, and what starts it, in the build cache: a Debian root, the kernel's modules, and what the machine's own
// description adds. ext4, made without mounting anything.

import { existsSync } from "node:fs";
import { chmod, cp, mkdir, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { cacheRoot } from "../cache-root.ts";
import { sha256 } from "../components/content-hash.ts";
import { ensurePackages } from "../components/debian-packages.ts";
import { partialName } from "../partial-name.ts";
import { hostPlatform } from "../platform.ts";
import { markUsed, pruneEntries } from "../prune-unused.ts";
import { runCommand } from "../run-command.ts";
import { makeInitramfs } from "./initramfs.ts";
import { debianKernel, type Kernel } from "./kernel.ts";

/** What a machine's description adds to its root. */
export type AddedFile =
  | { readonly path: string; readonly text: string; readonly mode?: number }
  | { readonly path: string; readonly to: string };

export interface DiskRecipe {
  readonly name: string;
  /** A folder of the cache, named by what is in it. */
  readonly root: string;
  readonly files: readonly AddedFile[];
}

export interface BootableDisk {
  /** Raw, sparse, shared: nobody writes to it. */
  readonly disk: string;
  readonly kernel: string;
  readonly initramfs: string;
}

/** As the machine sees it; what is not used takes no place. */
const diskBytes = 24 * 1024 ** 3;

/** Raise it when the way of making changes. */
const recipeVersion = 2;

/** Makes it when it is missing, which takes about ten seconds. */
export async function ensureDisk(recipe: DiskRecipe, report: (line: string) => void): Promise<BootableDisk> {
  const kernel = await debianKernel(hostPlatform(), report);
  const inputs = [recipeVersion, basename(recipe.root), kernel.image, recipe.files];
  const all = join(cacheRoot(), "vms");
  const dir = join(all, `${recipe.name}-${sha256(JSON.stringify(inputs)).slice(0, 16)}`);
  if (existsSync(dir)) await markUsed(dir);
  else {
    await makeDisk(recipe, kernel, dir);
    await pruneEntries(all);
  }
  return { disk: join(dir, "disk.img"), kernel: join(dir, "vmlinuz"), initramfs: join(dir, "initramfs") };
}

async function makeDisk(recipe: DiskRecipe, kernel: Kernel, dir: string): Promise<void> {
  await ensurePackages(["e2fsprogs", "kmod"], hostPlatform().arch);
  const temporary = partialName(dir);
  const [root, result] = [join(temporary, "root"), join(temporary, "result")];
  await mkdir(dirname(dir), { recursive: true });
  await mkdir(result, { recursive: true });
  try {
    await run("copying a root", "cp", "-a", `${recipe.root}/.`, root);
    for (const folder of ["proc", "sys", "dev", "run", "tmp", "root", "boot", "lib/modules"])
      await mkdir(join(root, folder), { recursive: true });
    await chmod(join(root, "tmp"), 0o1777);
    const modules = join(root, "lib/modules", kernel.version);
    await run("copying the kernel's modules", "cp", "-a", kernel.modules, modules);
    await run("listing the kernel's modules", "depmod", "-b", root, kernel.version);
    await cp(kernel.configuration, join(root, "boot", basename(kernel.configuration)));
    for (const file of recipe.files) await addFile(root, file);
    await makeInitramfs(
      kernel,
      join(modules, "modules.dep"),
      join(temporary, "first"),
      join(result, "initramfs"),
    );
    await cp(kernel.image, join(result, "vmlinuz"));
    const disk = join(result, "disk.img");
    await writeFile(disk, "");
    await truncate(disk, diskBytes);
    const options = "root_owner=0:0,lazy_itable_init=1,assume_storage_prezeroed=1";
    await run("making a file system", "mke2fs", "-q", "-F", "-t", "ext4", "-E", options, "-d", root, disk);
    await rename(result, dir).catch((err: unknown) => {
      // Another run was faster; its result is as good.
      if (!existsSync(dir)) throw err;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** In place of what was there. */
export async function addFile(root: string, file: AddedFile): Promise<void> {
  const path = join(root, file.path);
  await mkdir(dirname(path), { recursive: true });
  await rm(path, { force: true });
  if ("to" in file) return symlink(file.to, path);
  await writeFile(path, file.text);
  await chmod(path, file.mode ?? 0o644);
}

async function run(what: string, ...command: [string, ...string[]]): Promise<void> {
  await runCommand(command, { what: `${what} of a virtual machine` });
}
