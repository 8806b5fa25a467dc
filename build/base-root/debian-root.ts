// A minimal Debian system for test machines, made once by debootstrap from the packages of the lock and shared read-only.

import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cacheRoot } from "../cache-root.ts";
import { ensurePackages } from "../components/debian-packages.ts";
import { debFiles, debianPackages } from "../debian/debian-packages.ts";
import { writeLocalArchive } from "../debian/local-archive.ts";
import { readLock } from "../debian/lock.ts";
import { type PackageSet, packagesHash } from "../debian/package-set.ts";
import { hostPlatform } from "../platform.ts";
import { markUsed, pruneEntries } from "../prune-unused.ts";
import { runCommand } from "../run-command.ts";
import { partialName } from "../partial-name.ts";

/** What tests look at a host with; k0s itself brings its own tools. */
const baseNames = [
  "iptables",
  "nftables",
  "ipset",
  "iproute2",
  "conntrack",
  "kmod",
  "procps",
  "iputils-ping",
  "ethtool",
  "ca-certificates",
  "netbase",
  "busybox-static",
  "curl",
] as const;

/** What a virtual machine has on top: it boots by itself, so it has devices and a network to set up. */
const bootedNames = ["udev", "apparmor", "e2fsprogs"] as const;

/** What a machine that tests use as database server has on top. */
const databaseNames = ["postgresql", "mariadb-server"] as const;

/** The service managers that `k0s install` knows, side by side: which of them runs is the test's choice. */
const serviceNames = ["openrc", "runit", "s6", "sysvinit-core", "systemd"] as const;

/** Firewalls that write rules of their own. */
const firewallNames = ["firewalld", "ufw"] as const;

export const debianRootPackages: PackageSet = { packages: baseNames, system: true };
export const databaseRootPackages: PackageSet = { packages: [...baseNames, ...databaseNames], system: true };
export const serviceRootPackages: PackageSet = { packages: [...baseNames, ...serviceNames], system: true };

export const firewallRootPackages: PackageSet = { packages: [...baseNames, ...firewallNames], system: true };

/** Roots of virtual machines, by the service manager that boots them. */
export const bootedRootPackages = {
  systemd: { packages: [...baseNames, ...bootedNames, "systemd-sysv", "dbus"], system: true },
  openrc: { packages: [...baseNames, ...bootedNames, "openrc", "sysvinit-core", "ifupdown"], system: true },
} as const satisfies Readonly<Record<string, PackageSet>>;

/** Returns the directory; makes it when it is missing, which takes about a minute. */
export function ensureDebianRoot(report: (line: string) => void): Promise<string> {
  return ensureRoot(debianRootPackages, report);
}

/** The same with database servers, which nothing starts. */
export function ensureDatabaseRoot(report: (line: string) => void): Promise<string> {
  return ensureRoot(databaseRootPackages, report);
}

/** The same with every service manager, none of which is the first process of a machine by itself. */
export function ensureServiceRoot(report: (line: string) => void): Promise<string> {
  return ensureRoot(serviceRootPackages, report);
}

/** The same with firewalls, which nothing starts. */
export function ensureFirewallRoot(report: (line: string) => void): Promise<string> {
  return ensureRoot(firewallRootPackages, report);
}

/** A Debian system that has an init of its own, but no kernel. */
export function ensureBootedRoot(
  manager: keyof typeof bootedRootPackages,
  report: (line: string) => void,
): Promise<string> {
  return ensureRoot(bootedRootPackages[manager], report);
}

/** Raise it when the way of making changes. */
const recipe = 2;

/** A Debian system of a set, in the build cache: nobody writes to it. */
export async function ensureRoot(set: PackageSet, report: (line: string) => void): Promise<string> {
  const platform = hostPlatform();
  const used = await debianPackages(set, platform, { warn: report });
  const roots = join(cacheRoot(), "roots");
  const root = join(roots, `debian-12-${recipe}-${packagesHash(used).slice(0, 16)}`);
  if (existsSync(root)) {
    await markUsed(root);
    return root;
  }
  const started = performance.now();
  report(`base root: installing ${used.length} Debian packages`);
  const temporary = partialName(root);
  await mkdir(dirname(root), { recursive: true });
  try {
    const archive = join(temporary, "archive");
    const { release } = await readLock();
    await writeLocalArchive(await debFiles(used, platform), { dir: archive, release, arch: platform.arch });
    const system = join(temporary, "system");
    await debootstrap(
      system,
      archive,
      release,
      used.map(({ name }) => name),
    );
    await markUsed(system);
    await putInPlace(system, root);
    await pruneEntries(roots);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  report(`base root: ready in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  return root;
}

async function debootstrap(
  target: string,
  archive: string,
  release: string,
  names: readonly string[],
): Promise<void> {
  await ensurePackages(["debootstrap"], hostPlatform().arch);
  // Signatures and sums were checked when the packages were downloaded.
  const options = ["--no-check-gpg", "--variant=minbase", `--include=${names.join(",")}`];
  await runCommand(["debootstrap", ...options, release, target, `file://${archive}`], {
    what: `installing Debian ${release} into ${target}`,
  });
  await writeFile(join(target, "etc/apt/sources.list"), "");
}

/** Another build may have been faster; its result is as good. */
async function putInPlace(temporary: string, root: string): Promise<void> {
  try {
    await rename(temporary, root);
  } catch (err) {
    if (!existsSync(root)) throw err;
  }
}
