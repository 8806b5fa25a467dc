// Whether kube-apiserver can get at a file of the host. It is not root, but in root's group.

import { readlinkSync, type Stats } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { allows, readAccessList } from "../../os/access-list.ts";
import { realPath } from "../../os/real-path.ts";
import { lookupUser } from "../../os/users.ts";
import { errno } from "../../std/errors.ts";
import { kubeApiserverDeclaration } from "./declaration.ts";

interface Hindrance {
  /** Behind the name of the file or directory: `cannot be read by kube-apiserver`. */
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** Sums of 4 to read, 2 to write, 1 to pass through or to make files in a directory. */
const [read, write, pass] = [4, 2, 1];

/** Undefined before the first start has made it. */
type UserNumber = () => number | undefined;
const itsUser: UserNumber = () => lookupUser(kubeApiserverDeclaration.user)?.uid;

/** Undefined: kube-apiserver can read it. */
export async function whyUnreadable(file: string, user = itsUser): Promise<Hindrance | undefined> {
  const found = await statOf(file);
  if (typeof found === "string")
    return { message: `cannot be read: ${found}`, remedy: "Put the file there." };
  if (!isOpen(file, found, read, user()))
    return {
      message: "cannot be read by kube-apiserver",
      remedy: `chgrp root ${file} && chmod 0640 ${file}`,
    };
  return await whyHidden(file, user);
}

/** Undefined: kube-apiserver can write its log there. What is missing on the way it makes itself. */
export async function whyUnwritable(file: string, user = itsUser): Promise<Hindrance | undefined> {
  const found = await statOf(file);
  if (typeof found !== "string") {
    if (!found.isFile()) return { message: "is not a file", remedy: "Name a file." };
    if (!isOpen(file, found, read + write, user()))
      return {
        message: "cannot be written by kube-apiserver",
        remedy: `chgrp root ${file} && chmod 0660 ${file}`,
      };
    // Whatever its directory allows: what cannot be done there is to begin the next one.
    return await whyHidden(file, user);
  }
  const dir = dirname(file);
  const [above, its] = await nearest(dir);
  const remedy = `mkdir -p ${dir} && chgrp root ${dir} && chmod 0770 ${dir}`;
  if (!its.isDirectory())
    return { message: `cannot be written: ${above} is not a directory`, remedy: "Name another place." };
  if (!isOpen(above, its, write + pass, user()))
    return { message: `cannot be written: ${above} is closed to kube-apiserver`, remedy };
  return await whyHidden(above, user);
}

/** Of the directories above, the first that is there. */
async function nearest(dir: string): Promise<readonly [string, Stats]> {
  const found = await statOf(dir);
  return typeof found === "string" ? await nearest(dirname(dir)) : [dir, found];
}

/** A directory above it that kube-apiserver cannot pass, also where links lead, one after the other. */
async function whyHidden(path: string, user: UserNumber): Promise<Hindrance | undefined> {
  for (const name of new Set([...followed(path), realPath(path)])) {
    for (let dir = dirname(name); ; dir = dirname(dir)) {
      const found = await statOf(dir);
      if (typeof found !== "string" && !isOpen(dir, found, pass, user()))
        return {
          message: `cannot be read by kube-apiserver, which cannot enter ${dir}`,
          remedy: `Put it elsewhere, or open the directory: chmod g+x ${dir}`,
        };
      if (dir === dirname(dir)) break;
    }
  }
  return undefined;
}

/** As the kernel follows them: the path, then with its first link resolved, and so on. */
function followed(path: string): string[] {
  const names = [path];
  for (let tries = 0; tries < mostLinks; tries++) {
    const next = withoutFirstLink(names.at(-1) ?? path);
    if (next === undefined) break;
    names.push(next);
  }
  return names;
}

function withoutFirstLink(path: string): string | undefined {
  const parts = path.split("/");
  for (let count = 2; count <= parts.length; count++) {
    const name = parts.slice(0, count).join("/");
    const link = tryReadLink(name);
    if (link !== undefined) return join(resolve(dirname(name), link), ...parts.slice(count));
  }
  return undefined;
}

/** Undefined: it is no link, or not there. */
function tryReadLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (err) {
    if (["EINVAL", "ENOENT", "ENOTDIR"].includes(errno(err) ?? "")) return undefined;
    throw err;
  }
}

/** The kernel gives up after as many. */
const mostLinks = 40;

async function statOf(path: string): Promise<Stats | string> {
  try {
    return await stat(path);
  } catch (err) {
    const code = errno(err);
    if (code === undefined) throw err;
    return code;
  }
}

/** As the kernel decides it. */
function isOpen(path: string, found: Stats, wanted: number, user: number | undefined): boolean {
  // Before there is such a user, what belongs to another one than root was made for somebody: most likely for it.
  if (user === undefined && found.uid !== 0) return true;
  const list = readAccessList(path);
  const who = { uid: user ?? nobodys, gid: 0 };
  return user === 0 || allows(found, list, who, wanted);
}

/** No file has this owner. */
const nobodys = 0xffff_ffff;
