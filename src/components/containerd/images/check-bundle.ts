// Whether a bundle holds what it promises, before anything of it goes into containerd: what is damaged is left alone whole.

import { createHash } from "node:crypto";
import type { ImageSource } from "../../../oci/image.ts";
import { UserError } from "../../../std/errors.ts";
import { type ContentsOptions, imageContents } from "./contents.ts";

/** Throws a UserError that says what is wrong with it. Blobs of other platforms may be missing. */
export async function checkBundle(
  source: ImageSource,
  path: string,
  options: ContentsOptions,
  signal: AbortSignal,
): Promise<void> {
  if (source.images.length === 0) throw new UserError(`${path} names no image`);
  const checked = new Set<string>();
  let usable = 0;
  for (const image of source.images) {
    const contents = await imageContents(source, image, options);
    if (contents === undefined) continue;
    usable += 1;
    for (const { descriptor } of contents.layers) {
      if (checked.has(descriptor.digest)) continue;
      await checkBlob(source, descriptor.digest, `${image.ref} in ${path}`, signal);
      checked.add(descriptor.digest);
    }
  }
  if (usable === 0) throw new UserError(`${path} has no image for linux/${options.architecture}`);
}

async function checkBlob(
  source: ImageSource,
  digest: string,
  what: string,
  signal: AbortSignal,
): Promise<void> {
  const blob = await source.openBlob(digest);
  if (blob === undefined) throw new UserError(`${what} lacks the layer ${digest}`, { code: "blob-missing" });
  const hash = createHash("sha256");
  for await (const chunk of blob.stream()) {
    signal.throwIfAborted();
    hash.update(chunk);
  }
  const actual = `sha256:${hash.digest("hex")}`;
  if (actual === digest) return;
  throw new UserError(`${what} is damaged: its layer ${digest} has digest ${actual}`, {
    code: "blob-damaged",
  });
}
