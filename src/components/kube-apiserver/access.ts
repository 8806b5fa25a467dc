// Whether kube-apiserver can get at a file of the host. It is not root, but in root's group.

import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { lookupUser } from "../../os/users.ts";
import { errno } from "../../std/errors.ts";
import { kubeApiserverDeclaration } from "./declaration.ts";

interface Hindrance {
  /** Behind the name of the file or directory: `cannot be read by kube-apiserver`. */
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
}

interface Mode {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** Undefined: kube-apiserver can read it. */
export async function whyUnreadable(file: string, owner = itsUser): Promise<Hindrance | undefined> {
  const found = await modeOf(file);
  if (typeof found === "string")
    return { message: `cannot be read: ${found}`, remedy: "Put the file there." };
  if (!isOpen(found, 0o4) && !isItsOwn(found, 0o400, owner()))
    return {
      message: "cannot be read by kube-apiserver",
      remedy: `chgrp root ${file} && chmod 0640 ${file}`,
    };
  return await whyHidden(file);
}

const itsUser = (): number | undefined => lookupUser(kubeApiserverDeclaration.user)?.uid;

function isItsOwn({ mode, uid }: Mode, wanted: number, user: number | undefined): boolean {
  return uid === user && (mode & wanted) === wanted;
}

/** Undefined: kube-apiserver can make files in it. */
export async function whyUnwritable(dir: string): Promise<Hindrance | undefined> {
  const remedy = `mkdir -p ${dir} && chgrp root ${dir} && chmod 0770 ${dir}`;
  const found = await modeOf(dir);
  if (typeof found === "string") return { message: `is not there: ${found}`, remedy };
  // One that belongs to another user than root was made for somebody, most likely for kube-apiserver.
  if (found.uid === 0 && !isOpen(found, 0o3)) return { message: "is closed to kube-apiserver", remedy };
  return await whyHidden(dir);
}

/** A directory above it that kube-apiserver cannot pass. */
async function whyHidden(path: string): Promise<Hindrance | undefined> {
  const dir = dirname(path);
  if (dir === path) return undefined;
  const found = await modeOf(dir);
  if (typeof found !== "string" && found.uid === 0 && !isOpen(found, 0o1))
    return {
      message: `cannot be read by kube-apiserver, which cannot enter ${dir}`,
      remedy: `Put it elsewhere, or open the directory: chmod g+x ${dir}`,
    };
  return await whyHidden(dir);
}

async function modeOf(path: string): Promise<Mode | string> {
  try {
    return await stat(path);
  } catch (err) {
    const code = errno(err);
    if (code === undefined) throw err;
    return code;
  }
}

/** Of a user who is not root, but in its group: the group's rights count if it is root's. */
export function isOpen({ mode, gid }: Pick<Mode, "mode" | "gid">, wanted: number): boolean {
  const rights = gid === 0 ? mode >> 3 : mode;
  return (rights & wanted) === wanted;
}
