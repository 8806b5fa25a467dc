// A Debian archive of chosen files in a folder, for debootstrap: so that it installs these and no others.

import { createHash } from "node:crypto";
import { mkdir, stat, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { hashFile } from "../components/hash-file.ts";
import { runCommand } from "../run-command.ts";

export interface LocalArchive {
  readonly dir: string;
  readonly release: string;
  readonly arch: string;
}

export async function writeLocalArchive(
  debs: readonly string[],
  { dir, release, arch }: LocalArchive,
  signal?: AbortSignal,
): Promise<void> {
  await mkdir(join(dir, "pool"), { recursive: true });
  const records: string[] = [];
  for (const deb of debs) {
    const file = join("pool", basename(deb));
    await symlink(deb, join(dir, file));
    const control = await runCommand(["dpkg-deb", "--field", deb], {
      what: `reading ${deb}`,
      ...(signal === undefined ? {} : { signal }),
    });
    const { size } = await stat(deb);
    records.push(
      `${control.trimEnd()}\nFilename: ${file}\nSize: ${size}\nSHA256: ${await hashFile(deb)}\n\n`,
    );
  }
  const index = records.join("");
  const folder = join("main", `binary-${arch}`);
  const path = join(dir, "dists", release, folder, "Packages");
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, index);
  const sum = createHash("sha256").update(index).digest("hex");
  const fields = [
    "Origin: Debian",
    `Suite: ${release}`,
    `Codename: ${release}`,
    "Components: main",
    `Architectures: ${arch}`,
    "Date: Thu, 01 Jan 1970 00:00:00 UTC",
    `SHA256:\n ${sum} ${Buffer.byteLength(index)} ${folder}/Packages`,
  ];
  await writeFile(join(dir, "dists", release, "Release"), `${fields.join("\n")}\n`);
}
