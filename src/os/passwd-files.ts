// Edits /etc/passwd, group and shadow as useradd would: for hosts without any tool of that kind (a busybox-only root).

import { readFileIfExists, statIfExists, writeFileAtomic } from "./files.ts";
import { libc } from "./libc.ts";
import type { UserId } from "./user-id.ts";

export interface PasswdFiles {
  readonly passwd: string;
  readonly group: string;
  readonly shadow: string;
}

export interface NewUser {
  readonly name: string;
  readonly home: string;
  readonly shell: string;
}

const hostPasswdFiles: PasswdFiles = {
  passwd: "/etc/passwd",
  group: "/etc/group",
  shadow: "/etc/shadow",
};

/** Adds a system user with a group of its own; returns the one that exists if there is one. */
export async function addUserToFiles(user: NewUser, files: PasswdFiles = hostPasswdFiles): Promise<UserId> {
  return withPasswdLock(files, async () => {
    const passwd = (await readFileIfExists(files.passwd)) ?? "root:x:0:0:root:/root:/bin/sh\n";
    const group = (await readFileIfExists(files.group)) ?? "root:x:0:\n";
    const existing = entryIds(passwd, user.name);
    if (existing !== undefined) return { uid: existing.id, gid: existing.second };

    const gid = entryIds(group, user.name)?.id ?? freeSystemId(group);
    const uid = freeSystemId(passwd, gid);
    if (entryIds(group, user.name) === undefined) {
      await replace(files.group, appended(group, `${user.name}:x:${gid}:`), 0o644);
    }
    const shadow = await readFileIfExists(files.shadow);
    if (shadow !== undefined && !hasEntry(shadow, user.name)) {
      await replace(files.shadow, appended(shadow, `${user.name}:!:1::::::`), 0o600);
    }
    await replace(
      files.passwd,
      appended(passwd, `${user.name}:x:${uid}:${gid}::${user.home}:${user.shell}`),
      0o644,
    );
    return { uid, gid };
  });
}

/** Removes the user, and the group of the same name if it was the user's own and nobody else's: as userdel does. */
export async function deleteUserFromFiles(name: string, files: PasswdFiles = hostPasswdFiles): Promise<void> {
  await withPasswdLock(files, async () => {
    const passwd = (await readFileIfExists(files.passwd)) ?? "";
    const group = (await readFileIfExists(files.group)) ?? "";
    for (const [path, mode] of [
      [files.passwd, 0o644],
      [files.shadow, 0o600],
      ...(isOwnGroup(passwd, group, name) ? [[files.group, 0o644] as const] : []),
    ] as const) {
      const text = await readFileIfExists(path);
      if (text === undefined || !hasEntry(text, name)) continue;
      const kept = text.split("\n").filter((line) => line.split(":", 1)[0] !== name);
      await replace(path, kept.join("\n"), mode);
    }
  });
}

/** The highest free number of the range that distributions use for system accounts; `preferred` if it is free. */
export function freeSystemId(text: string, preferred?: number): number {
  const used = new Set(text.split("\n").map((line) => Number(line.split(":")[2] ?? Number.NaN)));
  if (preferred !== undefined && !used.has(preferred)) return preferred;
  for (let id = 999; id >= 100; id -= 1) if (!used.has(id)) return id;
  throw new Error("no system user id between 100 and 999 is free");
}

/** Keeps the mode and owner that the file has. */
async function replace(path: string, text: string, mode: number): Promise<void> {
  const info = await statIfExists(path);
  const keep = info === undefined ? { mode } : { mode: info.mode & 0o7777, uid: info.uid, gid: info.gid };
  await writeFileAtomic(path, text, keep);
}

/** The lock that all such tools take; only for the host's own files, and only where the C library has it. */
async function withPasswdLock<T>(files: PasswdFiles, action: () => Promise<T>): Promise<T> {
  const locked = files.passwd === hostPasswdFiles.passwd && libc().lckpwdf() === 0;
  try {
    return await action();
  } finally {
    if (locked) libc().ulckpwdf();
  }
}

function isOwnGroup(passwd: string, group: string, name: string): boolean {
  const gid = entryIds(passwd, name)?.second;
  const members =
    group
      .split("\n")
      .find((line) => line.startsWith(`${name}:`))
      ?.split(":")[3] ?? "";
  const users = passwd.split("\n").filter((line) => line.split(":")[3] === String(gid));
  return gid === entryIds(group, name)?.id && users.length === 1 && ["", name].includes(members.trim());
}

function entryIds(text: string, name: string): { id: number; second: number } | undefined {
  const fields = text
    .split("\n")
    .map((line) => line.split(":"))
    .find(([entry]) => entry === name);
  return fields === undefined ? undefined : { id: Number(fields[2]), second: Number(fields[3]) };
}

function hasEntry(text: string, name: string): boolean {
  return text.split("\n").some((line) => line.split(":", 1)[0] === name);
}

function appended(text: string, line: string): string {
  return `${text === "" || text.endsWith("\n") ? text : `${text}\n`}${line}\n`;
}
