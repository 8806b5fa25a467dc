// A layer's files as a tar: sorted, no times, owned by root, parents included, equal files as hard links. The same tree
// gives the same bytes on any machine.

import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { createTarPacker } from "modern-tar";

export type TreeEntry =
  | {
      readonly kind: "file";
      readonly path: string;
      /** A file on the build host, or the content itself. */
      readonly source: string | { readonly text: string };
      readonly mode: number;
      readonly links?: readonly string[];
    }
  | { readonly kind: "directory"; readonly path: string; readonly mode: number; readonly uid?: number }
  | { readonly kind: "symlink"; readonly path: string; readonly target: string };

const epoch = new Date(0);

type TarController = ReturnType<typeof createTarPacker>["controller"];

export function layerTar(entries: readonly TreeEntry[]): ReadableStream<Uint8Array> {
  const { readable, controller } = createTarPacker();
  writeEntries(controller, planTar(entries)).catch((err: unknown) => {
    controller.error(err instanceof Error ? err : new Error(String(err)));
  });
  return readable;
}

type PlannedEntry = TreeEntry | { readonly kind: "link"; readonly path: string; readonly target: string };

/** Every path once, in order, each directory before what is in it, each file before its hard links. */
export function planTar(entries: readonly TreeEntry[]): PlannedEntry[] {
  const planned = new Map<string, PlannedEntry>();
  for (const entry of entries) {
    const paths = entry.kind === "file" ? [entry.path, ...(entry.links ?? [])].toSorted() : [entry.path];
    const [first = entry.path, ...links] = paths;
    for (const path of paths) addParents(planned, path);
    put(planned, { ...entry, path: first });
    for (const path of links) put(planned, { kind: "link", path, target: first });
  }
  return [...planned.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function put(planned: Map<string, PlannedEntry>, entry: PlannedEntry): void {
  const before = planned.get(entry.path);
  if (before !== undefined && before.kind !== "directory")
    throw new Error(`two entries of one layer are called ${entry.path}`);
  planned.set(entry.path, entry);
}

function addParents(planned: Map<string, PlannedEntry>, path: string): void {
  for (let parent = dirname(path); parent !== "/"; parent = dirname(parent)) {
    if (!planned.has(parent)) planned.set(parent, { kind: "directory", path: parent, mode: 0o755 });
  }
}

async function writeEntries(tar: TarController, entries: readonly PlannedEntry[]): Promise<void> {
  for (const entry of entries) await writeEntry(tar, entry);
  tar.finalize();
}

async function writeEntry(tar: TarController, entry: PlannedEntry): Promise<void> {
  const name = entry.path.slice(1);
  const common = { mtime: epoch, uid: 0, gid: 0 };
  switch (entry.kind) {
    case "directory":
      await tar
        .add({
          ...common,
          name: `${name}/`,
          size: 0,
          type: "directory",
          mode: entry.mode,
          uid: entry.uid ?? 0,
        })
        .close();
      return;
    case "symlink":
      await tar
        .add({ ...common, name, size: 0, type: "symlink", mode: 0o777, linkname: entry.target })
        .close();
      return;
    case "link":
      await tar
        .add({ ...common, name, size: 0, type: "link", mode: 0o755, linkname: entry.target.slice(1) })
        .close();
      return;
    case "file":
      await writeFileEntry(tar, { ...common, name, type: "file", mode: entry.mode }, entry.source);
  }
}

async function writeFileEntry(
  tar: TarController,
  header: Omit<Parameters<TarController["add"]>[0], "size">,
  source: string | { readonly text: string },
): Promise<void> {
  if (typeof source !== "string") {
    const data = new TextEncoder().encode(source.text);
    const writer = tar.add({ ...header, size: data.length }).getWriter();
    await writer.write(data);
    await writer.close();
    return;
  }
  const writer = tar.add({ ...header, size: (await stat(source)).size }).getWriter();
  for await (const chunk of createReadStream(source, { highWaterMark: 1 << 20 }))
    await writer.write(chunk as Uint8Array);
  await writer.close();
}
