// What a controller keeps of it: the ring as it knows it, and the file of kube-apiserver, both in the PKI directory.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { readFileIfExists, writeFileIfChanged } from "../../os/files.ts";
import { removeFile } from "../../os/removal.ts";
import type { UserId } from "../../os/users.ts";
import type { NodePaths } from "../../product/paths.ts";
import { UserError } from "../../std/errors.ts";
import { parsedJson } from "../../std/json.ts";
import { encryptionConfiguration, keysMark } from "./keys.ts";
import { ringSchema } from "./ring.ts";

type Place = Pick<NodePaths, "pkiDir">;

export function encryptionFile({ pkiDir }: Place): string {
  return join(pkiDir, "encryption.yaml");
}

export function ringFile({ pkiDir }: Place): string {
  return join(pkiDir, "encryption-ring.json");
}

/** With the mark of the keys that its names stand for. */
const markedRing = z.object({ mark: z.string(), ring: ringSchema });
export type MarkedRing = z.infer<typeof markedRing>;

export function parseRing(text: string, source: string): MarkedRing {
  const parsed = markedRing.safeParse(parsedJson(text));
  if (parsed.success) return parsed.data;
  throw new UserError(`${source} cannot be understood: it should say how Secrets are encrypted`, {
    code: "encryption-ring-unreadable",
    hint: "Was it written by a newer k0s? Take it from another controller of the cluster, or from a backup.",
  });
}

export function ringText(marked: MarkedRing): string {
  return `${JSON.stringify(marked)}\n`;
}

/** Undefined where Secrets were never encrypted. */
export async function readRing(paths: Place): Promise<MarkedRing | undefined> {
  const text = await readFileIfExists(ringFile(paths));
  return text === undefined ? undefined : parseRing(text, ringFile(paths));
}

/** Throws a UserError if the CA's key is another one than the ring was made with. Returns what kube-apiserver is to read, and whether that is new. */
export async function writeRing(
  paths: Place,
  { mark, ring }: MarkedRing,
  apiServerUser: UserId | undefined,
): Promise<{ readonly text: string; readonly changed: boolean }> {
  const caKey = await readCaKey(paths);
  if (keysMark(caKey) !== mark)
    throw new UserError(
      `Secrets are encrypted with keys of another CA than ${join(paths.pkiDir, "ca.key")}`,
      {
        code: "encryption-keys",
        hint: "Put the ca.key back that the cluster had when its Secrets were encrypted: from a backup, or from another controller.",
      },
    );
  const text = encryptionConfiguration(caKey, ring);
  await writeFileIfChanged(ringFile(paths), ringText({ mark, ring }), { mode: 0o640, uid: 0, gid: 0 });
  const changed = await writeFileIfChanged(encryptionFile(paths), text, {
    mode: 0o600,
    uid: apiServerUser?.uid ?? 0,
    gid: 0,
  });
  return { text, changed };
}

export async function removeRing(paths: Place): Promise<void> {
  await removeFile(encryptionFile(paths));
  await removeFile(ringFile(paths));
}

export function readCaKey({ pkiDir }: Place): Promise<string> {
  return readFile(join(pkiDir, "ca.key"), "utf8");
}
