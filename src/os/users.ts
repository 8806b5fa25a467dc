// System users of the control plane: looked up in the passwd database, made with the host's own tools or, on hosts
// without any, by editing the files. Upstream: internal/pkg/users/users.go, pkg/install/users.go.

import { readFileSync } from "node:fs";
import { isNotFound, UserError } from "../std/errors.ts";
import { addUserToFiles, deleteUserFromFiles } from "./passwd-files.ts";
import { run } from "./exec.ts";
import { readFileIfExists } from "./files.ts";
import { findExecutable } from "./find-executable.ts";
import { hangMs } from "./patience.ts";
import { listProcesses, processRoot, processUsers } from "./processes.ts";
import { realPath } from "./real-path.ts";
import type { UserId } from "./user-id.ts";

export type { UserId } from "./user-id.ts";

export interface SystemUser extends UserId {
  readonly name: string;
}

/** From /etc/passwd, else from whatever NSS knows (`id`); undefined if there is no such user. */
export function lookupUser(name: string, passwdFile = "/etc/passwd"): UserId | undefined {
  return lookupInPasswd(name, passwdFile) ?? lookupWithId(name);
}

export interface UserOptions {
  /** Home directory of users that are made; it need not exist. */
  readonly home: string;
  /** Told at once, before the next user is made: a later reset must know which users these are. */
  readonly made: (user: SystemUser) => Promise<void>;
  readonly signal?: AbortSignal;
}

/**
 * Makes the users that are missing, one after the other because the tools lock each other out. One that exists is used
 * as it is; if its home shows that an earlier call made it, `made` is told again. Throws a UserError when the host's
 * tool refuses.
 */
export async function ensureSystemUsers(
  names: readonly string[],
  options: UserOptions,
): Promise<ReadonlyMap<string, UserId>> {
  const users = new Map<string, UserId>();
  for (const name of new Set(names)) {
    const existing = lookupUser(name);
    const user = existing ?? (await createUser(name, options));
    const [own] = existing === undefined ? [{ name, ...user }] : await usersWithHome([name], options.home);
    if (own !== undefined) await options.made(own);
    users.set(name, user);
  }
  return users;
}

/** The names that are system users without a shell whose home, all links resolved, is this directory. */
export async function usersWithHome(names: readonly string[], home: string): Promise<SystemUser[]> {
  const entries = passwdEntries((await readFileIfExists(hostPasswd)) ?? "");
  return entries
    .filter(
      (entry) =>
        names.includes(entry.name) &&
        entry.uid > 0 &&
        /\/(nologin|false)$/.test(entry.shell) &&
        realPath(entry.home) === home,
    )
    .map(({ name, uid, gid }) => ({ name, uid, gid }));
}

/**
 * Why this user must stay, as the end of a sentence; undefined if it may be deleted or does not exist any more.
 * Processes in `ending` do not count: they will have ended by then.
 */
export async function whyUserStays(
  { name, uid }: Pick<SystemUser, "name" | "uid">,
  ending: ReadonlySet<number> = new Set(),
): Promise<string | undefined> {
  const now = lookupInPasswd(name, hostPasswd);
  if (now === undefined) return undefined;
  if (uid === 0 || now.uid === 0) return "it is root";
  if (now.uid !== uid) return `its uid is ${now.uid}, and k0s made one with ${uid}`;
  const user = (await processesOfUser(uid)).find((pid) => !ending.has(pid));
  return user === undefined ? undefined : `process ${user} runs as it`;
}

/** Deletes a user; fine if it is gone already. Throws a UserError when it must stay, or the host's tool refuses. */
export async function deleteSystemUser(
  user: Pick<SystemUser, "name" | "uid">,
  signal?: AbortSignal,
): Promise<void> {
  const { name } = user;
  const why = (await whyUserStays(user)) ?? (await deleteWithTools(name, signal));
  if (why === undefined) return;
  throw new UserError(`user ${name} stays: ${why}`, { code: "user-stays" });
}

async function deleteWithTools(name: string, signal: AbortSignal | undefined): Promise<string | undefined> {
  if (lookupInPasswd(name, hostPasswd) === undefined) return undefined;
  const commands = [
    ["userdel", name],
    ["deluser", name],
  ];
  const outcome = await runTool(commands, signal);
  if (outcome === undefined) await deleteUserFromFiles(name);
  return outcome?.refusal;
}

async function createUser(name: string, { home, signal }: UserOptions): Promise<UserId> {
  const shell = findExecutable("nologin") ?? findExecutable("false") ?? "/bin/false";
  const group = (await hasGroup(name)) ? ["--gid", name] : [];
  const outcome = await runTool(
    [
      ["useradd", "--home", home, "--shell", shell, "--system", "--no-create-home", ...group, name],
      ["adduser", "-S", "-D", "-H", "-h", home, "-s", shell, name],
    ],
    signal,
  );
  if (outcome === undefined) return addUserToFiles({ name, home, shell });
  const user = outcome.refusal === undefined ? lookupUser(name) : undefined;
  if (user !== undefined) return user;
  throw new UserError(
    `cannot make the system user ${name}: ${outcome.refusal ?? "it is not there afterwards"}`,
    {
      code: "user-not-made",
      hint: "Make it yourself, as a system user without a shell, and start again: one that exists is used.",
    },
  );
}

/** Runs the first command that this host has; its answer is final. Undefined if there is no such tool at all. */
async function runTool(
  commands: readonly (readonly string[])[],
  signal: AbortSignal | undefined,
): Promise<{ readonly refusal: string | undefined } | undefined> {
  for (const [tool = "", ...args] of commands) {
    const path = findExecutable(tool);
    if (path === undefined) continue;
    const result = await run(path, args, { timeoutMs: hangMs, ...(signal === undefined ? {} : { signal }) });
    if (result.code === 0) return { refusal: undefined };
    // A link to a busybox that was built without it.
    if (result.code === 127 && /applet not found/.test(result.stderr)) continue;
    return {
      refusal: result.stderr.trim().split("\n").at(-1) || `${tool} failed (exit code ${result.code})`,
    };
  }
  return undefined;
}

/**
 * Everybody who has it as one of their four user ids and sees the root directory that we see: in a container the same
 * number is another user. userdel looks in the same way.
 */
async function processesOfUser(uid: number): Promise<number[]> {
  const root = await processRoot("self");
  const found = await Promise.all(
    (await listProcesses()).map(async ({ pid, state }) => {
      if (state === "Z" || !(await processUsers(pid)).includes(uid)) return [];
      return (await processRoot(pid)) === root ? [pid] : [];
    }),
  );
  return found.flat();
}

async function hasGroup(name: string): Promise<boolean> {
  const groups = (await readFileIfExists("/etc/group")) ?? "";
  return groups.split("\n").some((line) => line.startsWith(`${name}:`));
}

const hostPasswd = "/etc/passwd";

interface PasswdEntry extends SystemUser {
  readonly home: string;
  readonly shell: string;
}

function passwdEntries(text: string): PasswdEntry[] {
  return text.split("\n").flatMap((line) => {
    const [name = "", , uid = "", gid = "", , home = "", shell = ""] = line.split(":");
    const valid = name !== "" && /^\d+$/.test(uid) && /^\d+$/.test(gid);
    return valid ? [{ name, uid: Number(uid), gid: Number(gid), home, shell }] : [];
  });
}

function lookupInPasswd(name: string, passwdFile: string): UserId | undefined {
  let text: string;
  try {
    text = readFileSync(passwdFile, "utf8");
  } catch (err) {
    if (isNotFound(err)) return undefined;
    throw err;
  }
  const entry = passwdEntries(text).find((one) => one.name === name);
  return entry === undefined ? undefined : { uid: entry.uid, gid: entry.gid };
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
