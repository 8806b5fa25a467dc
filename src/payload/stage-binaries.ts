// The programs of a node, in <data-dir>/bin. A multi-call program is there once, with a link for each of its names:
// processes share its text pages. Upstream: pkg/assets/stage.go.

import type { PayloadPart } from "./index-schema.ts";
import type { Payload } from "./payload.ts";
import { isIntact, readRecords } from "./staged-record.ts";
import { type Staging, type StagingOptions, startStaging } from "./staging.ts";

export interface BinariesOptions extends StagingOptions {
  readonly binDir: string;
  /** Components (`containerd`) or programs (`kubelet`), in the order in which they are needed. Default: all, kubernetes first. */
  readonly names?: readonly string[];
}

/** Puts the programs in place and returns when all are. */
export async function stageBinaries(payload: Payload, options: BinariesOptions): Promise<void> {
  await startStagingBinaries(payload, options).done;
}

/** Starts to put them in place; `ready("kube-apiserver")` is when that program can be started. */
export function startStagingBinaries(payload: Payload, options: BinariesOptions): Staging {
  const components = payload.index.parts.filter((part) => part.kind === "component");
  const names = options.names ?? components.map((part) => part.name);
  const parts = [...new Set(names.map((name) => componentOf(components, name)))];
  const staging = startStaging(payload, parts, { dir: options.binDir, own: false }, options);
  return { done: staging.done, ready: (name) => staging.ready(componentOf(components, name).name) };
}

/** Which of the programs' components would have to be unpacked. */
export async function unstagedComponents(
  payload: Payload,
  { binDir, names }: { readonly binDir: string; readonly names: readonly string[] },
): Promise<readonly PayloadPart[]> {
  const components = payload.index.parts.filter((part) => part.kind === "component");
  const records = await readRecords(binDir);
  const isStaged = async (part: PayloadPart): Promise<boolean> => {
    const record = records.get(part.name);
    return record?.sha256 === part.sha256 && (await isIntact(binDir, record, part));
  };
  const wanted = [...new Set(names.map((name) => componentOf(components, name)))];
  const staged = await Promise.all(wanted.map(isStaged));
  return wanted.filter((_, index) => staged[index] === false);
}

/** The component of that name, or the one that has a program of that name. */
function componentOf(components: readonly PayloadPart[], name: string): PayloadPart {
  const found =
    components.find((part) => part.name === name) ??
    components.find((part) => [...part.files, ...part.links].some((entry) => entry.path === name));
  if (found === undefined) throw new Error(`the k0s file has no program ${name}`);
  return found;
}
