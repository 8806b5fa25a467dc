// A minimal Debian system for test machines, made once by debootstrap and shared read-only. Recipe: running-here §1.

import { mkdir, rename, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheRoot } from "../cache-root.ts";

const release = { name: "bookworm", folder: "debian-12" } as const;

/** What tests look at a host with; k0s itself brings its own tools. */
const basePackages = [
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

/** What a machine that tests use as database server has on top. */
const databasePackages = ["postgresql", "mariadb-server"] as const;

/** Returns the directory; makes it when it is missing, which takes about a minute. */
export function ensureDebianRoot(report: (line: string) => void): Promise<string> {
  return ensureRoot(basePackages, report);
}

/** The same with database servers, which nothing starts. */
export function ensureDatabaseRoot(report: (line: string) => void): Promise<string> {
  return ensureRoot([...basePackages, ...databasePackages], report);
}

async function ensureRoot(packages: readonly string[], report: (line: string) => void): Promise<string> {
  const recipe = new Bun.CryptoHasher("sha256")
    .update([release.name, ...packages].join(" "))
    .digest("hex")
    .slice(0, 8);
  const root = join(cacheRoot(), "roots", `${release.folder}-${recipe}`);
  if (existsSync(root)) return root;
  const started = performance.now();
  report(`base root ${release.folder}: installing Debian and ${packages.length} packages`);
  const temporary = `${root}.${process.pid}.tmp`;
  await mkdir(dirname(root), { recursive: true });
  try {
    await debootstrap(temporary, packages);
    await putInPlace(temporary, root);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  report(`base root ${release.folder}: ready in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  return root;
}

async function debootstrap(target: string, packages: readonly string[]): Promise<void> {
  const program = Bun.which("debootstrap");
  if (program === null) throw new Error("debootstrap is missing; install it: apt-get install debootstrap");
  const mirror = process.env["K0S_DEBIAN_MIRROR"];
  const args = [
    "--variant=minbase",
    `--include=${packages.join(",")}`,
    release.name,
    target,
    ...(mirror === undefined ? [] : [mirror]),
  ];
  const child = Bun.spawn([program, ...args], { stdin: "ignore", stdout: "pipe", stderr: "inherit" });
  const [output, code] = await Promise.all([new Response(child.stdout).text(), child.exited]);
  if (code === 0) return;
  const lastLines = output.trimEnd().split("\n").slice(-15).join("\n");
  throw new Error(`debootstrap failed with code ${code}:\n${lastLines}`);
}

/** Another build may have been faster; its result is as good. */
async function putInPlace(temporary: string, root: string): Promise<void> {
  try {
    await rename(temporary, root);
  } catch (err) {
    if (!existsSync(root)) throw err;
  }
}
