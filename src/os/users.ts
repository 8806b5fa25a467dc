// System users of the control plane (reference §4.4): looked up in the passwd database, made with the host's own
// tools or, on hosts without any, by editing the files.

import { readFileSync } from "node:fs";
import { isNotFound } from "../std/errors.ts";
import { addUserToFiles, deleteUserFromFiles } from "./passwd-files.ts";
import { run } from "./exec.ts";
import { findExecutable } from "./find-executable.ts";
import type { UserId } from "./user-id.ts";

export type { UserId } from "./user-id.ts";

/** From /etc/passwd, else from whatever NSS knows (`id`); undefined if there is no such user. */
export function lookupUser(name: string, passwdFile = "/etc/passwd"): UserId | undefined {
  return lookupInPasswd(name, passwdFile) ?? lookupWithId(name);
}

/** Makes the users that are missing, one after the other because the tools lock each other out. */
export async function ensureSystemUsers(
  names: readonly string[],
  home: string,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, UserId>> {
  const users = new Map<string, UserId>();
  for (const name of new Set(names)) {
    const user = lookupUser(name) ?? (await createUser(name, home, signal));
    users.set(name, user);
  }
  return users;
}

/** Deletes the users that exist; returns the names of those that were deleted. */
export async function deleteSystemUsers(
  names: readonly string[],
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const deleted: string[] = [];
  for (const name of new Set(names)) {
    if (lookupInPasswd(name, "/etc/passwd") === undefined) continue;
    if (
      !(await runFirst(
        [
          ["userdel", name],
          ["deluser", name],
        ],
        signal,
      ))
    )
      await deleteUserFromFiles(name);
    deleted.push(name);
  }
  return deleted;
}

async function createUser(name: string, home: string, signal: AbortSignal | undefined): Promise<UserId> {
  const shell = findExecutable("nologin") ?? findExecutable("false") ?? "/bin/false";
  const made = await runFirst(
    [
      ["useradd", "--home", home, "--shell", shell, "--system", "--no-create-home", name],
      ["adduser", "-S", "-D", "-H", "-h", home, "-s", shell, name],
    ],
    signal,
  );
  const user = made ? lookupUser(name) : undefined;
  return user ?? addUserToFiles({ name, home, shell });
}

/** Runs the first command that exists; false if none does or it failed (a read-only tool set is no reason to stop). */
async function runFirst(
  commands: readonly (readonly string[])[],
  signal: AbortSignal | undefined,
): Promise<boolean> {
  for (const [tool = "", ...args] of commands) {
    const path = findExecutable(tool);
    if (path === undefined) continue;
    const result = await run(path, args, { timeoutMs: 30_000, ...(signal === undefined ? {} : { signal }) });
    return result.code === 0;
  }
  return false;
}

function lookupInPasswd(name: string, passwdFile: string): UserId | undefined {
  let text: string;
  try {
    text = readFileSync(passwdFile, "utf8");
  } catch (err) {
    if (isNotFound(err)) return undefined;
    throw err;
  }
  const fields = text
    .split("\n")
    .map((line) => line.split(":"))
    .find(([user]) => user === name);
  if (fields === undefined || !/^\d+$/.test(fields[2] ?? "") || !/^\d+$/.test(fields[3] ?? ""))
    return undefined;
  return { uid: Number(fields[2]), gid: Number(fields[3]) };
}

function lookupWithId(name: string): UserId | undefined {
  const id = findExecutable("id");
  if (id === undefined || name.startsWith("-")) return undefined;
  const ask = (flag: string): number | undefined => {
    const { exitCode, stdout } = Bun.spawnSync([id, flag, name], { stdio: ["ignore", "pipe", "ignore"] });
    const text = stdout.toString().trim();
    return exitCode === 0 && /^\d+$/.test(text) ? Number(text) : undefined;
  };
  const uid = ask("-u");
  const gid = uid === undefined ? undefined : ask("-g");
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}
