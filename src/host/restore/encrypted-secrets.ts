// A backup whose Secrets are encrypted by k0s, but which does not say with which keys: those follow from the CA, and nobody else
// would tell why no Secret can be read. docs/adr/0076.

import { createReadStream } from "node:fs";
import { securityOf } from "../../config/security.ts";
import type { ClusterConfig } from "../../config/cluster-config.ts";
import type { InspectedArchive } from "./inspect-archive.ts";

/** `in-cluster`: the controller finds them by itself. `not-asked-for`: it does not look for them. */
export type KeysToFind = "in-cluster" | "not-asked-for";

/** Undefined where all is said, or nothing is encrypted with keys of k0s. `datastore` is the file of the copy. */
export async function keysToFind(
  { files }: Pick<InspectedArchive, "files">,
  { spec }: Pick<ClusterConfig, "spec">,
  datastore: string | undefined,
  signal: AbortSignal,
): Promise<KeysToFind | undefined> {
  if (datastore === undefined || files.has("pki/encryption-ring.json")) return undefined;
  if (!(await hasBytes(datastore, mark, signal))) return undefined;
  return securityOf({ spec }).encrypts ? "in-cluster" : "not-asked-for";
}

/** kube-apiserver's, and how the names of k0s' keys begin. */
const mark = Buffer.from("k8s:enc:secretbox:v1:key-");

async function hasBytes(file: string, wanted: Buffer, signal: AbortSignal): Promise<boolean> {
  let end = Buffer.alloc(0);
  for await (const piece of createReadStream(file, { highWaterMark: 1 << 20, signal })) {
    const both = Buffer.concat([end, piece as Buffer]);
    if (both.includes(wanted)) return true;
    end = both.subarray(Math.max(0, both.length - wanted.length + 1));
  }
  return false;
}
