// One disk of a virtual machine that boots by itself: Debian with k0s and a first boot that reads a seed. docs/adr/0073.

import { chmod, copyFile, glob, mkdir, open, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Progress } from "../../src/std/progress.ts";
import { ensureRoot } from "../base-root/debian-root.ts";
import { repoRoot } from "../cache-root.ts";
import { ensurePackages } from "../components/debian-packages.ts";
import { debianPackages } from "../debian/debian-packages.ts";
import { debianTree } from "../debian/debian-tree.ts";
import type { UsedPackage } from "../debian/package-set.ts";
import type { Platform } from "../platform.ts";
import { runCommand } from "../run-command.ts";
import { addFile } from "../vm/disk.ts";
import { biosLoader } from "./bios-loader.ts";
import { makeFat } from "./boot-partition.ts";
import * as layout from "./disk-layout.ts";
import { biosModules, efiConfigPath, efiFiles, firstConfig } from "./loader-files.ts";
import { imagePackages, loaderPackages } from "./packages.ts";
import { removedFiles, systemFiles } from "./system-files.ts";

export interface VmImageInputs {
  readonly k0s: string;
  readonly platform: Platform;
  /** An empty folder on the disk that the results are on. */
  readonly scratch: string;
  readonly raw: string;
  readonly qcow2: string;
  readonly signal: AbortSignal;
  readonly report: Progress;
}

/** What it is made with, of the build host. */
const hostPackages = ["e2fsprogs", "fdisk", "dosfstools", "mtools", "qemu-utils", "libdevmapper1.02.1"];

/** Writes both formats; returns whose files are in them. */
export async function buildVmImage(inputs: VmImageInputs): Promise<readonly UsedPackage[]> {
  const { platform, raw, qcow2, signal, report } = inputs;
  await ensurePackages(hostPackages, platform.arch, signal);
  const warn = (line: string): void => report.ready(line);
  const system = await debianPackages(imagePackages(platform), platform, { warn, signal });
  const loader = await debianTree(loaderPackages(platform), platform, { warn, signal });
  const root = await makeRoot(inputs, await ensureRoot(imagePackages(platform), warn));
  await writeFile(raw, "");
  await truncate(raw, layout.diskSectors * layout.sectorBytes);
  const table = join(inputs.scratch, "table");
  await writeFile(table, layout.partitionTable());
  const run = (...command: [string, ...string[]]) =>
    runCommand(command, { what: "making a virtual machine's disk", signal });
  await run("sh", "-c", 'sfdisk --quiet "$1" <"$0"', table, raw);
  const { start, sectors } = layout.systemRange;
  const options = [`offset=${start * layout.sectorBytes}`, "root_owner=0:0", "lazy_itable_init=1"].join(",");
  const kib = `${(sectors * layout.sectorBytes) / 1024}k`;
  // GRUB does not know what newer tools write by default.
  const features = "^metadata_csum_seed,^orphan_file";
  await run("mke2fs", "-q", "-F", "-t", "ext4", "-O", features, "-L", layout.systemLabel, "-E", options, "-d", root, raw, kib); // prettier-ignore
  await writeLoader(inputs, loader.dir);
  await run("qemu-img", "convert", "-c", "-f", "raw", "-O", "qcow2", raw, qcow2);
  return [...system, ...loader.packages];
}

async function makeRoot({ k0s, scratch, signal }: VmImageInputs, base: string): Promise<string> {
  const root = join(scratch, "root");
  await runCommand(["cp", "-a", `${base}/.`, root], { what: "copying a system", signal });
  for (const pattern of removedFiles)
    for await (const path of glob(pattern, { cwd: root })) await rm(join(root, path));
  const firstBoot = await readFile(join(repoRoot, "images/vm/first-boot.sh"), "utf8");
  for (const file of systemFiles(firstBoot)) await addFile(root, file);
  const target = join(root, "usr/local/bin/k0s");
  await copyFile(k0s, target);
  await chmod(target, 0o755);
  return root;
}

async function writeLoader(inputs: VmImageInputs, tree: string): Promise<void> {
  const { platform, scratch, raw, signal } = inputs;
  const dir = join(scratch, "loader");
  await mkdir(dir);
  const config = join(dir, "first.cfg");
  await writeFile(config, firstConfig);
  const fat = join(dir, "boot.img");
  const files = [...efiFiles(tree, platform), { path: efiConfigPath, source: config }];
  const { bootRange, biosRange, bootLabel, sectorBytes } = layout;
  await makeFat(fat, files, { label: bootLabel, bytes: bootRange.sectors * sectorBytes }, signal);
  await using disk = await open(raw, "r+");
  const put = async (data: Uint8Array, sector: number): Promise<void> => {
    await disk.write(data, 0, data.length, sector * sectorBytes);
  };
  await put(await readFile(fat), bootRange.start);
  if (platform.arch !== "amd64") return;
  const core = join(dir, "core.img");
  const modules = join(tree, "usr/lib/grub/i386-pc");
  const make = [join(tree, "usr/bin/grub-mkimage"), "-O", "i386-pc", "-d", modules, "-c", config] as const;
  await runCommand([...make, "-p", "/boot/grub", "-o", core, ...biosModules], {
    what: "making GRUB",
    signal,
  });
  const bios = biosLoader(await readFile(join(modules, "boot.img")), await readFile(core), biosRange);
  await put(bios.first, 0);
  await put(bios.core, biosRange.start);
}
