// nft, iptables (both backends), ipset, conntrack and ip of Debian with every library they need: docs/adr/0030.

import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, readdir, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { UserError } from "../../src/std/errors.ts";
import { cacheRoot } from "../cache-root.ts";
import type { PartTree, TreeFile } from "../pack/part-tree.ts";
import type { Platform } from "../platform.ts";
import type { DebianOptions } from "../debian/debian-packages.ts";
import { type DebianTree, debianTree } from "../debian/debian-tree.ts";
import { type PackageSet, packagesHash } from "../debian/package-set.ts";
import { type Patchelf, patchelf } from "./patchelf.ts";
import { interpreterField, loaderName, relocate } from "./relocate.ts";

const programs = [
  "usr/sbin/xtables-nft-multi",
  "usr/sbin/xtables-legacy-multi",
  "usr/sbin/nft",
  "usr/sbin/ipset",
  "usr/sbin/conntrack",
  "bin/ip",
];

const packageNames = [
  "nftables iptables ipset conntrack iproute2",
  "libnftables1 libnftnl11 libmnl0 libjansson4 libgmp10 libedit2 libtinfo6 libbsd0 libmd0",
  "libxtables12 libip4tc2 libip6tc2 libnetfilter-conntrack3 libnfnetlink0 libipset13",
  "libbpf1 libelf1 zlib1g libcap2 libc6",
].flatMap((line) => line.split(" "));

export const hostToolPackages: PackageSet = { packages: packageNames, alone: true };

const recipe = 1;

export interface HostTools {
  readonly tree: PartTree;
  readonly packages: DebianTree["packages"];
}

export async function buildHostTools(platform: Platform, options: DebianOptions = {}): Promise<HostTools> {
  const debian = await debianTree(hostToolPackages, platform, options);
  const cache = options.cache ?? cacheRoot();
  const key = `${recipe}-${packagesHash(debian.packages)}`;
  const dir = join(cache, "host-tools", platform.dir, key);
  if (!existsSync(dir)) await assemble(debian.dir, platform, dir, await patchelf(options));
  return { tree: await describe(dir, platform, debian), packages: debian.packages };
}

async function assemble(root: string, platform: Platform, dir: string, patch: Patchelf): Promise<void> {
  await mkdir(dirname(dir), { recursive: true });
  const work = await mkdtemp(join(dirname(dir), `.${process.pid}-`));
  try {
    const plugins = join("usr", "lib", platform.triple, "xtables");
    const names = (await readdir(join(root, plugins))).filter((name) => name.endsWith(".so")).sort();
    const sources = [...programs, ...names.map((name) => join(plugins, name))];
    for (const program of programs) {
      const to = join(work, "bin", basename(program));
      await copy(join(root, program), to, 0o755);
      await relocate(patch, to, "$ORIGIN/../lib");
    }
    for (const name of names) await copyPlugin(join(root, plugins), name, join(work, "lib", "xtables"));
    for (const [name, source] of await libraries(root, platform, sources, patch)) {
      await copy(source, join(work, "lib", name), name === loaderName(platform.arch) ? 0o755 : 0o644);
    }
    for (const name of await licences(root)) {
      await copy(join(root, "usr/share/doc", name, "copyright"), join(work, "licences", name), 0o644);
    }
    await chmod(work, 0o755);
    await rename(work, dir);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Everything that the files name as needed, and what that needs, found in the unpacked packages. */
async function libraries(
  root: string,
  platform: Platform,
  sources: readonly string[],
  patch: Patchelf,
): Promise<ReadonlyMap<string, string>> {
  const folders = [join("lib", platform.triple), join("usr", "lib", platform.triple), "lib", "lib64"];
  const found = new Map<string, string>();
  const waiting = sources.map((source) => join(root, source));
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    const needed = (await patch(["--print-needed"], file)).split("\n").filter((name) => name !== "");
    for (const name of [...needed, loaderName(platform.arch)]) {
      if (found.has(name)) continue;
      const path = folders
        .map((folder) => join(root, folder, name))
        .find((candidate) => existsSync(candidate));
      if (path === undefined) {
        throw new UserError(
          `${basename(file)} needs ${name}, which none of the Debian packages of the host tools has`,
          {
            hint: "Add its package to the list in build/host-tools/host-tools.ts, then: make update-debian",
          },
        );
      }
      found.set(name, path);
      waiting.push(path);
    }
  }
  return found;
}

async function licences(root: string): Promise<readonly string[]> {
  const names = (await readdir(join(root, "usr/share/doc"))).sort();
  return names.filter((name) => existsSync(join(root, "usr/share/doc", name, "copyright")));
}

/** Some plug-ins are links to others: each becomes a file. */
async function copyPlugin(from: string, name: string, to: string): Promise<void> {
  const source = join(from, name);
  await copy(await realpath(source), join(to, name), 0o644);
}

async function copy(from: string, to: string, mode: number): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
  await chmod(to, mode);
}

async function describe(dir: string, platform: Platform, debian: DebianTree): Promise<PartTree> {
  const paths = (await readdir(dir, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)))
    .sort();
  const files = await Promise.all(
    paths.map(async (path): Promise<TreeFile> => {
      const source = join(dir, path);
      const mode = (await stat(source)).mode & 0o777;
      if (!path.startsWith("bin/")) return { path, source, mode };
      return { path, source, mode, interpreter: await interpreterField(source) };
    }),
  );
  const version = debian.packages.find((entry) => entry.name === "nftables")?.version ?? "";
  const loader = join("lib", loaderName(platform.arch));
  return { name: "host-tools", kind: "host-tools", version, files, links: [], loader };
}
