// Directories that are never k0s' own, even when they are named: it would take them over at a start and delete from
// them at a reset.

import { dirname } from "node:path";

export interface DirectoryFacts {
  /** Home directories of the users of this host who can log in. */
  readonly homes: readonly string[];
  readonly workingDirectory: string;
}

/** Why this directory is refused, as the end of a sentence; undefined if it is not. All paths are real ones. */
export function directoryRefusal(path: string, facts: DirectoryFacts): string | undefined {
  if (path === "/") return "it is the root directory";
  if (
    systemDirectories.has(path) ||
    systemParents.has(dirname(path)) ||
    systemTrees.some((tree) => isIn(path, tree))
  )
    return "it is a directory of the system";
  if (dirname(path) === "/home" || facts.homes.includes(path)) return "it is a home directory";
  if (path !== defaultDirectory && path === facts.workingDirectory) return "it is the working directory";
  return undefined;
}

/** Where a service manager may start k0s. */
const defaultDirectory = "/var/lib/k0s";

/** Of the Filesystem Hierarchy Standard: shared by all programs of a host. */
const systemDirectories: ReadonlySet<string> = new Set(
  `/bin /boot /dev /etc /home /lib /lib32 /lib64 /libx32 /media /mnt /nix /opt /proc /root /run /sbin /snap /srv /sys /tmp
  /usr /var /var/cache /var/lib /var/local /var/lock /var/log /var/mail /var/opt /var/run /var/spool /var/tmp`.split(
    /\s+/,
  ),
);

/** Whatever lies directly in one of these belongs to the system, too. */
const systemParents: ReadonlySet<string> = new Set(["/etc", "/usr", "/usr/local", "/run"]);

const systemTrees = [
  "/bin",
  "/boot",
  "/dev",
  "/lib",
  "/lib64",
  "/proc",
  "/sbin",
  "/sys",
  "/usr/bin",
  "/usr/lib",
];

function isIn(path: string, tree: string): boolean {
  return path === tree || path.startsWith(`${tree}/`);
}

/** From the text of /etc/passwd: homes of root and of everybody who has a shell, but for k0s' own users. */
export function homesOf(passwd: string, ownUsers: readonly string[]): readonly string[] {
  return passwd.split("\n").flatMap((line) => {
    const [name = "", , uid, , , home = "", shell = ""] = line.split(":");
    if (ownUsers.includes(name)) return [];
    const canLogIn = uid === "0" || !/(^|\/)(nologin|false|sync|shutdown|halt)?$/.test(shell);
    return canLogIn && home.startsWith("/") ? [home.replace(/(?<=.)\/+$/, "")] : [];
  });
}
