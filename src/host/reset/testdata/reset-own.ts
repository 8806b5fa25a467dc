// Empties the data directory `<argument>/k0s` as a reset does, in the mount namespace that it is started in, and prints what
// was seen before and what is left.

import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { readInstallationRecord } from "../../../config/installation-record.ts";
import { nodePaths } from "../../../product/paths.ts";
import { listMounts, mountsBelow } from "../../../os/mounts.ts";
import { silentLogger } from "../../../std/logfmt.ts";
import { beginInstallation } from "../../installation.ts";
import { executeStep } from "../execute.ts";
import { hostToolset } from "../host-tools.ts";
import { observeOwn } from "../observe-own.ts";

const dir = process.argv[2] ?? "";
const self = [process.execPath, join(import.meta.dir, "../../../main.ts")];
const dataDir = join(dir, "k0s");
const paths = nodePaths({ dataDir, runDir: join(dir, "run") });
await beginInstallation(paths, silentLogger());
const signal = new AbortController().signal;
const seen = await observeOwn({
  paths,
  record: await readInstallationRecord(dataDir),
  mounts: await listMounts(),
  runDirOwner: { kind: "ours" },
  linked: new Set(),
  lockIsNew: false,
  measure: false,
});
const own = seen.own.filter(({ path }) => path.startsWith(dir));
const effects = { tools: hostToolset(join(dir, "none"), signal), self, signal };
await executeStep({ kind: "unmount", targets: seen.mounts }, effects);
for (const directory of own) await executeStep({ kind: "delete-entries", ...directory }, effects);

const mounts = await listMounts();
const images = mounts.find(({ target }) => target === join(dataDir, "images"));
const left = readdirSync(dataDir, { recursive: true, encoding: "utf8" });
process.stdout.write(
  JSON.stringify({
    ...seen,
    own,
    left: left.filter((name) => statSync(join(dataDir, name)).isFile()),
    mounted: {
      targets: mountsBelow(mounts, dataDir)
        .map(({ target }) => target.slice(dataDir.length + 1))
        .toSorted(),
      images: `${images?.type} ${images?.source} is mounted there`,
      root: images?.root,
    },
  }),
);
