// Whether an etcd member has data that it would go on with. Upstream looks for `member/snap/db`, which is not enough.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isNotFound } from "../../std/errors.ts";

/**
 * Whether etcd's log is there. Its database comes before it: killed between the two, etcd starts as what its arguments
 * say, and those of a member that has joined already say "a cluster of my own".
 */
export async function hasMemberData(etcdDataDir: string): Promise<boolean> {
  try {
    return (await readdir(join(etcdDataDir, "member/wal"))).some((name) => name.endsWith(".wal"));
  } catch (err) {
    if (isNotFound(err)) return false;
    throw err;
  }
}
