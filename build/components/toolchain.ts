// Which compilers build a component, as far as they shape its bytes. Asked once a run.

import { hostPlatform, parsePlatform, type Target } from "../platform.ts";
import { cIdentity, cPackages } from "./c-compiler.ts";
import type { Component } from "./read-catalog.ts";
import { ensurePackages } from "./debian-packages.ts";
import { goVersion } from "./go-build.ts";

export interface Toolchain {
  readonly toolchain: string;
  readonly c?: readonly string[];
}

const cache = new Map<string, Promise<unknown>>();

function once<T>(key: string, ask: () => Promise<T>): Promise<T> {
  const known = cache.get(key) ?? ask();
  cache.set(key, known);
  return known as Promise<T>;
}

/** Installs the C compiler and libraries first if the component needs them and they are missing. */
export async function toolchainOf(
  component: Component,
  target: Target,
  signal?: AbortSignal,
): Promise<Toolchain> {
  const toolchain = await once("go", () => goVersion(signal));
  if (!component.cgo) return { toolchain };
  const platform = parsePlatform(target.id);
  const packages = cPackages(platform, component.debianPackages);
  return once(`c ${component.name} ${platform.id}`, async () => {
    await ensurePackages(packages, hostPlatform().arch, signal);
    return { toolchain, c: await cIdentity(platform, packages, signal) };
  });
}
