import { expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keyStock, missingRsaKeys } from "./key-stock.ts";

test("keys on RSA are made ahead, one after the other, and each is handed out once", async () => {
  const made: string[] = [];
  let running = 0;
  let most = 0;
  const keys = keyStock(2, async (type = "p256") => {
    running += 1;
    most = Math.max(most, running);
    await Bun.sleep(5);
    running -= 1;
    made.push(type);
    return `${type} ${made.length}`;
  });
  await Bun.sleep(50);
  expect([made, most]).toEqual([["rsa2048", "rsa2048"], 1]);
  expect(await keys("p256")).toBe("p256 3");
  expect(await Promise.all([keys("rsa2048"), keys("rsa2048"), keys("rsa2048")])).toEqual([
    "rsa2048 1",
    "rsa2048 2",
    "rsa2048 4",
  ]);
});

test("one that cannot be made is an error of those who ask for it", async () => {
  const keys = keyStock(1, () => Promise.reject(new Error("no entropy")));
  await Bun.sleep(1);
  expect(await keys("rsa2048").catch(String)).toBe("Error: no entropy");
});

test("what is there, or comes from the cluster, is not made ahead", async () => {
  const pkiDir = await mkdtemp(join(tmpdir(), "k0s-ahead-"));
  try {
    const paths = { pkiDir, etcdPkiDir: join(pkiDir, "etcd") };
    const missing = (managedEtcd: boolean, joins: boolean) => missingRsaKeys({ paths, managedEtcd, joins });
    expect(await Promise.all([missing(true, false), missing(false, false), missing(true, true)])).toEqual([
      3, 2, 1,
    ]);
    await writeFile(join(pkiDir, "admin.key"), "");
    expect(await missing(true, true)).toBe(0);
  } finally {
    await rm(pkiDir, { recursive: true });
  }
});
