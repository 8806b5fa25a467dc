// A Debian archive of made-up packages, for tests with the real apt.

import { chmod, mkdir, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hashFile } from "../components/hash-file.ts";
import { hostPlatform } from "../platform.ts";
import { runCommand } from "../run-command.ts";
import { writeLocalArchive } from "./local-archive.ts";
import type { DebianPackage } from "./package-set.ts";

export interface MadePackage extends DebianPackage {
  readonly path: string;
}

export interface PackageRecipe {
  readonly name: string;
  readonly version: string;
  readonly depends?: string;
  /** Content of /usr/share/NAME. */
  readonly text?: string;
}

const arch = hostPlatform().arch;

export class TestArchive {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** A line of sources.list. */
  get sources(): string {
    return `deb [trusted=yes] file:${join(this.#dir, "archive")} bookworm main\n`;
  }

  async make({ name, version, depends, text = version }: PackageRecipe): Promise<MadePackage> {
    const tree = join(this.#dir, "tree");
    await mkdir(join(tree, "DEBIAN"), { recursive: true });
    await chmod(join(tree, "DEBIAN"), 0o755);
    await mkdir(join(tree, "usr/share"), { recursive: true });
    await writeFile(join(tree, "usr/share", name), text);
    const fields = [
      `Package: ${name}`,
      `Version: ${version}`,
      `Architecture: ${arch}`,
      "Maintainer: Nobody <nobody@example.com>",
      ...(depends === undefined ? [] : [`Depends: ${depends}`]),
      "Description: made for a test",
    ];
    await writeFile(join(tree, "DEBIAN/control"), `${fields.join("\n")}\n`);
    // As Debian's packages are: older than what a cache keeps.
    await utimes(tree, 0, 0);
    const path = join(this.#dir, `${name}_${version}_${crypto.randomUUID()}.deb`);
    await runCommand(["dpkg-deb", "--build", "-Znone", tree, path], { what: `making ${name}` });
    await rm(tree, { recursive: true });
    return { name, version, sha256: await hashFile(path), path };
  }

  /** From now on the archive has these packages and no others. */
  async publish(packages: readonly MadePackage[]): Promise<void> {
    const dir = join(this.#dir, "archive");
    await rm(dir, { recursive: true, force: true });
    await writeLocalArchive(
      packages.map(({ path }) => path),
      { dir, release: "bookworm", arch },
    );
  }
}
