// Reads small blobs (manifests, configurations) of an image source whole and proves their digest.

import type { z } from "zod";
import { UserError } from "../std/errors.ts";
import { type ImageSource, sha256 } from "./image.ts";

/** Manifests are a few kilobytes; containerd itself refuses more than this. */
export const maxJsonBytes = 8 << 20;

/** The bytes of a small blob, its digest proved. */
export async function readSmallBlob(source: ImageSource, digest: string): Promise<Uint8Array> {
  const blob = await source.openBlob(digest);
  if (blob === undefined)
    throw new UserError(`the image archive lacks blob ${digest}`, { code: "blob-missing" });
  if (blob.size > maxJsonBytes)
    throw new UserError(`blob ${digest} is too large for a manifest: ${blob.size} bytes`);
  const data = new Uint8Array(await new Response(blob.stream()).arrayBuffer());
  const actual = sha256(data);
  if (actual !== digest) {
    throw new UserError(`blob ${digest} is damaged: its content has digest ${actual}`, {
      code: "blob-damaged",
    });
  }
  return data;
}

/** A JSON blob by its schema. */
export async function readJsonBlob<T extends z.ZodType>(
  source: ImageSource,
  digest: string,
  schema: T,
): Promise<z.output<T>> {
  const data = await readSmallBlob(source, digest);
  return parseJson(data, schema, `blob ${digest}`);
}

/** JSON text by its schema; `what` names it in the error. */
export function parseJson<T extends z.ZodType>(data: Uint8Array, schema: T, what: string): z.output<T> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(data));
  } catch (err) {
    throw new UserError(`${what} is not JSON`, { cause: err });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success)
    throw new UserError(`${what} has an unexpected shape: ${parsed.error.issues[0]?.message ?? ""}`);
  return parsed.data;
}
