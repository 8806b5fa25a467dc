import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openedFile } from "./opened-file.ts";
import type { FileNote, ServedFiles } from "./served-files.ts";

let dir = "";
let path = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "k0s-opened-"));
  path = join(dir, "state.db");
  noted = undefined;
  writeFileSync(path, "old");
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A process that has the files open; ends with the block. */
async function holding(...paths: readonly string[]): Promise<{ readonly pid: number } & AsyncDisposable> {
  const opens = paths.map((_, i) => `${i + 3}<"$${i + 1}"`).join(" ");
  const child = Bun.spawn(["sh", "-c", `exec ${opens}; echo open; exec sleep 60`, "sh", ...paths], {
    stdout: "pipe",
  });
  await child.stdout.getReader().read();
  return {
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.exited;
    },
  };
}

/** In memory, as one k0s leaves it to the next. */
let noted: ServedFiles | undefined;
const note: FileNote = {
  path: "/kine-files.json",
  read: () => Promise.resolve(noted),
  write: (files) => Promise.resolve(void (noted = files)),
};

const aside = (): void => renameSync(path, join(dir, "aside.db"));

async function servedFrom(): Promise<ReturnType<typeof openedFile>> {
  const file = openedFile(path, note);
  await file.opening();
  await file.serves(file.present());
  return file;
}

test("a file that is moved away, or has another one in its place, is told; one that is put back is the same", async () => {
  await using kine = await holding(path);
  const file = await servedFrom();
  expect(await file.fate(kine.pid)).toBeUndefined();
  aside();
  expect(await file.fate(kine.pid)).toBe("gone");
  writeFileSync(path, "new");
  expect(await file.fate(kine.pid)).toBe("replaced");
  await file.opening();
  expect(file.isAnother()).toBe(true);
  renameSync(join(dir, "aside.db"), path);
  await file.opening();
  expect([file.isAnother(), await file.fate(kine.pid)]).toEqual([false, undefined]);
});

test("a process that has the new one open beside the old one mixes them", async () => {
  const file = await servedFrom();
  aside();
  writeFileSync(path, "new");
  await using both = await holding(join(dir, "aside.db"), path);
  expect(await file.fate(both.pid)).toBe("replaced");
});

test("where the file itself gets another number, the process has that one alone", async () => {
  const file = await servedFrom();
  aside();
  writeFileSync(path, "copied up");
  await using kine = await holding(path);
  expect([await file.fate(kine.pid), await file.fate(kine.pid)]).toEqual([undefined, undefined]);
});

test("the log of the one before must not be applied to another one", async () => {
  writeFileSync(`${path}-wal`, "log");
  const file = await servedFrom();
  await file.assertNoForeignLog();
  aside();
  writeFileSync(path, "copy");
  await file.opening();
  expect(await file.assertNoForeignLog().catch(String)).toMatch(/was replaced, and \S+state.db-wal belongs/);
  // A process that still answers from the old one does not make the new one known.
  await file.serves(file.present() === undefined ? undefined : "0:1:0");
  expect(file.isAnother()).toBe(true);
  rmSync(`${path}-wal`);
  await file.assertNoForeignLog();
  await file.serves(file.present());
  expect(file.isAnother()).toBe(false);
});

test("a k0s that was started again knows whose log it is", async () => {
  const log = `${path}-wal`;
  writeFileSync(log, "log");
  await servedFrom();
  const next = openedFile(path, note);
  await next.opening();
  await next.assertNoForeignLog();
  aside();
  writeFileSync(path, "copy");
  await next.opening();
  expect(await next.assertNoForeignLog().catch(String)).toMatch(/was replaced, and \S+state.db-wal belongs/);
  // What kube-apiserver remembers has ended with the k0s before.
  expect(next.isAnother()).toBe(false);
  rmSync(log);
  await next.assertNoForeignLog();
  writeFileSync(log, "its own");
  await next.assertNoForeignLog();
});

test("a backup that got the inodes of what was removed is another database with its own log", async () => {
  const log = `${path}-wal`;
  writeFileSync(log, "log");
  const file = await servedFrom();
  // The database's own inode stays taken, so that only the log's can be given again.
  aside();
  rmSync(log);
  // File systems that count on make the first one another, and show nothing here.
  writeFileSync(log, "log of the backup");
  writeFileSync(path, "backup");
  await file.opening();
  expect(file.isAnother()).toBe(true);
  await file.assertNoForeignLog();
  await using kine = await holding(path);
  await file.serves(file.present());
  expect(await file.fate(kine.pid)).toBeUndefined();
});
