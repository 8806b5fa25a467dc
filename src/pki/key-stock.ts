// Keys on RSA that a first start will need. One takes some 70 ms of a processor, and the datastore and the API server wait for
// them: they are begun while the start asks whether the host will do. docs/adr/0094.

import { join } from "node:path";
import { statIfExists } from "../os/files.ts";
import { generateKeyPem } from "./keys.ts";
import type { KeyType } from "./spec.ts";

export type KeyMaker = (type?: KeyType) => Promise<string>;

/** Makes so many keys on RSA ahead, one after the other: the thread pool has other things to do. They stay in memory until they are asked for. */
export function keyStock(count: number, make: KeyMaker = generateKeyPem): KeyMaker {
  const ahead: Promise<string>[] = [];
  for (let last: Promise<unknown> = Promise.resolve(); ahead.length < count;) {
    const key = last.then(() => make("rsa2048"));
    // Who asks for it learns of it.
    key.catch(() => undefined);
    ahead.push(key);
    last = key;
  }
  return (type) => (type === "rsa2048" ? ahead.shift() : undefined) ?? make(type);
}

export interface AheadOptions {
  readonly paths: { readonly pkiDir: string; readonly etcdPkiDir: string };
  readonly managedEtcd: boolean;
  /** What signs tokens comes from the cluster then. */
  readonly joins: boolean;
}

/** How many of them are not there yet. */
export async function missingRsaKeys({ paths, managedEtcd, joins }: AheadOptions): Promise<number> {
  const ofTokens = [
    join(paths.pkiDir, "sa.key"),
    ...(managedEtcd ? [join(paths.etcdPkiDir, "jwt.key")] : []),
  ];
  const wanted = [join(paths.pkiDir, "admin.key"), ...(joins ? [] : ofTokens)];
  const found = await Promise.all(wanted.map((path) => statIfExists(path)));
  return found.filter((info) => info === undefined).length;
}
