import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./exec.ts";
import { tryLock } from "./flock.ts";
import { lockCandidates, lockHolder } from "./lock-holder.ts";
import { processInfo } from "./processes.ts";

const locks = `1: POSIX  ADVISORY  WRITE 10 00:2a:77 0 EOF
2: FLOCK  ADVISORY  WRITE 12 00:2a:88 0 EOF
2: -> FLOCK  ADVISORY  WRITE 13 00:2a:88 0 EOF
3: FLOCK  ADVISORY  READ 14 00:2a:88 0 EOF
4: FLOCK  ADVISORY  WRITE 15 00:31:88 0 EOF
5: FLOCK  ADVISORY  WRITE 0 00:31:88 0 EOF
`;

test("the kernel's table names everybody whose file has that inode number", () => {
  expect(lockCandidates(locks, 88)).toEqual([12, 15]);
  expect(lockCandidates(locks, 77)).toEqual([]);
  expect(lockCandidates("", 88)).toEqual([]);
});

test("the holder is found; a shared lock, an open file and no file have none", async () => {
  const dir = mkdtempSync(join(tmpdir(), "k0s-holder-"));
  const path = join(dir, "lock");
  try {
    expect(await lockHolder(path)).toBeUndefined();
    const shared = tryLock(path, { shared: true });
    expect(await lockHolder(path)).toBeUndefined();
    shared?.release();
    const lock = tryLock(path);
    const own = await processInfo(process.pid);
    expect(await lockHolder(path)).toEqual({ pid: process.pid, startTime: own!.startTime });
    lock?.release();
    expect(await lockHolder(path)).toBeUndefined();
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

// The inode numbers of two fresh file systems in memory are the same.
test("whoever locks a file of the same inode number on another file system is not taken for the holder", async () => {
  const dir = mkdtempSync(join(tmpdir(), "k0s-holder-"));
  for (const name of ["ours", "theirs"]) mkdirSync(join(dir, name));
  const program = `
    const { lockHolder } = await import(${JSON.stringify(join(import.meta.dir, "lock-holder.ts"))});
    console.log((await lockHolder(${JSON.stringify(join(dir, "ours", "lock"))}))?.pid);`;
  const script = `
    mount -t tmpfs ours ${dir}/ours && mount -t tmpfs theirs ${dir}/theirs
    touch ${dir}/ours/lock ${dir}/theirs/lock
    [ "$(stat -c %i ${dir}/ours/lock)" = "$(stat -c %i ${dir}/theirs/lock)" ] || exit 9
    flock ${dir}/theirs/lock sleep 60 & theirs=$!
    until ! flock -n ${dir}/theirs/lock true; do sleep 0.01; done
    ${process.execPath} -e '${program}'
    flock ${dir}/ours/lock sleep 60 & ours=$!
    until ! flock -n ${dir}/ours/lock true; do sleep 0.01; done
    [ "$(${process.execPath} -e '${program}')" = "$ours" ] && echo found
    kill $(cat /proc/$ours/task/$ours/children) $(cat /proc/$theirs/task/$theirs/children) $ours $theirs`;
  try {
    const result = await run("unshare", ["--mount", "--propagation", "private", "sh", "-c", script]);
    expect(result).toMatchObject({ code: 0, stdout: "undefined\nfound\n" });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
