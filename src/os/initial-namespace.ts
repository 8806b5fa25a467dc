// Whether this process runs in a container: one that shares its kernel with a host that it does not see.

import { readlink } from "node:fs/promises";
import { errno } from "../std/errors.ts";

/** The kernel's number of the first pid namespace (PROC_PID_INIT_INO), in which a machine boots. */
const initialPidNamespace = "pid:[4026531836]";

/** True in any other pid namespace than the one of the machine itself. */
export async function isInContainer(): Promise<boolean> {
  try {
    return (await readlink("/proc/self/ns/pid")) !== initialPidNamespace;
  } catch (err) {
    // A kernel without namespaces, or no /proc: the checks of those say so.
    if (["ENOENT", "EACCES"].includes(errno(err) ?? "")) return false;
    throw err;
  }
}
