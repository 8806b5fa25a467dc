// Kernel modules and parameters. Upstream: pkg/component/worker/kernelsetup_linux.go.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errno, isNotFound } from "../std/errors.ts";
import { findExecutable } from "./find-executable.ts";
import { readFileIfExists, statIfExists } from "./files.ts";
import { run } from "./exec.ts";
import { hangMs } from "./patience.ts";

/** Loads a module unless the kernel has it already; throws if it cannot be had. */
export async function loadModule(
  name: string,
  signal?: AbortSignal,
  parameters: readonly string[] = [],
): Promise<void> {
  if (await hasModule(name)) return;
  const modprobe = findExecutable("modprobe");
  if (modprobe === undefined)
    throw new Error(`the kernel lacks ${name}, and there is no modprobe to load it`);
  const options = { timeoutMs: hangMs, ...(signal === undefined ? {} : { signal }) };
  const { code, stderr } = await run(modprobe, ["-q", name, ...parameters], options);
  if (code !== 0) throw new Error(`modprobe ${name} failed: ${stderr.trim() || `exit code ${code}`}`);
}

/** True if the module is loaded. One that is built in shows only if it has parameters or a version. */
export async function hasModule(name: string): Promise<boolean> {
  return (await statIfExists(join("/sys/module", name.replaceAll("-", "_")))) !== undefined;
}

/** A parameter by its dotted name, or undefined if the kernel has none of that name. */
export async function readSysctl(name: string): Promise<string | undefined> {
  return (await readFileIfExists(sysctlPath(name)))?.trim();
}

/** Sets a parameter unless it has that value: a read-only /proc/sys is fine as long as nothing has to change. */
export async function writeSysctl(name: string, value: string): Promise<void> {
  const path = sysctlPath(name);
  try {
    if ((await readFile(path, "utf8")).trim() === value) return;
    await writeFile(path, `${value}\n`);
  } catch (err) {
    if (isNotFound(err)) throw new Error(`the kernel has no parameter ${name}`, { cause: err });
    throw new Error(`cannot set ${name} to ${value}: ${errno(err) ?? String(err)}`, { cause: err });
  }
}

/** Names of the interfaces that have IPv6 parameters, with `all` and `default`; none where IPv6 is off. */
export async function ipv6Interfaces(): Promise<readonly string[]> {
  try {
    return await readdir("/proc/sys/net/ipv6/conf");
  } catch (err) {
    if (isNotFound(err)) return [];
    throw err;
  }
}

/** As sysctl(8) reads names: a slash inside stands for a dot of an interface's name. */
function sysctlPath(name: string): string {
  const swapped = name.replaceAll(/[./]/g, (char) => (char === "." ? "/" : "."));
  if (swapped.split("/").some((part) => part === "" || part === ".." || part === ".")) {
    throw new Error(`${JSON.stringify(name)} is no kernel parameter`);
  }
  return join("/proc/sys", swapped);
}
