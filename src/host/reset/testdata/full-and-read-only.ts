// On `<argument>/k0s`, in the mount namespace that it is started in: what a reset says to a full and to a read-only disk.

import { join } from "node:path";
import { nodePaths } from "../../../product/paths.ts";
import { listMounts } from "../../../os/mounts.ts";
import { errorMessage } from "../../../std/errors.ts";
import { noteRecord, proveInstallation } from "../../installation.ts";
import { assertErasable } from "../erasable.ts";
import { observeOwn } from "../observe-own.ts";

const dir = process.argv[2] ?? "";
const paths = nodePaths({ dataDir: join(dir, "k0s"), runDir: join(dir, "run") });
const { record } = await proveInstallation(paths);
const noted = await noteRecord(record).catch(errorMessage);
const mounts = await listMounts();
const seen = await observeOwn({
  paths,
  record,
  mounts,
  runDirOwner: { kind: "ours" },
  linked: new Set(),
  lockIsNew: false,
  measure: false,
});
const own = seen.own.filter(({ path }) => path === paths.dataDir);
const erasable = await assertErasable(own, mounts).catch((err: unknown) => err);
process.stdout.write(JSON.stringify({ noted, own, erasable: erasable ?? "yes", files: seen.others }));
