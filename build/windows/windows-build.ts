// `bun build/build.ts windows`: dist/windows-amd64/k0s.exe with its checksum and bill of materials. docs/adr/0083.

import { mkdir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { k0sVersion } from "../../src/product/versions.ts";
import { repoRoot } from "../cache-root.ts";
import { formatBytes } from "../format.ts";
import { assemble } from "../pack/assemble.ts";
import { buildLauncher } from "../pack/build-launcher.ts";
import { compressAll, describe, timed } from "../pack/pack-target.ts";
import { packSbom } from "../pack/pack-sbom.ts";
import type { PartTree } from "../pack/part-tree.ts";
import { windowsTarget as platform } from "../platform.ts";
import { bunVersion, publishedBun } from "../runtime/bun-base.ts";
import { compileRuntime } from "../runtime/build-runtime.ts";
import type { BuildContext, BuildTarget } from "../targets.ts";
import { buildWindowsPrograms, windowsTree } from "./programs.ts";

export const windowsBuild: BuildTarget = { run };

export const windowsFile = join(repoRoot, "dist", platform.dir, "k0s.exe");

async function run({ signal, report }: BuildContext): Promise<void> {
  const context = { platform, signal, report };
  const runtime = await timed(context, `runtime ${platform.id}`, () => buildRuntime(signal));
  const launcher = await timed(context, `launcher ${platform.id}`, () => buildLauncher(platform, { signal }));
  const components = await buildWindowsPrograms({ signal, report });
  const parts = await compressAll([runtime, ...components.map(windowsTree)], context);
  const inputs = { launcher, target: platform.id, version: k0sVersion, parts, images: [], blobs: new Map() };
  const packed = await timed(
    context,
    `pack ${relative(repoRoot, windowsFile)}`,
    () => assemble(inputs, windowsFile),
    ({ size }) => formatBytes(size),
  );
  const described = { platform, launcher, components, bunVersion: runtime.version, packed };
  await describe(windowsFile, packed, await packSbom({ ...described, debian: [], linked: [] }));
}

async function buildRuntime(signal: AbortSignal): Promise<PartTree> {
  const version = await bunVersion();
  const source = join(repoRoot, "dist", "runtime", platform.dir, "runtime.exe");
  await mkdir(dirname(source), { recursive: true });
  await compileRuntime(await publishedBun(platform, version, { signal }), platform, source, { signal });
  return {
    name: "runtime",
    kind: "runtime",
    version,
    files: [{ path: "runtime.exe", source, mode: 0o755 }],
    links: [],
  };
}
