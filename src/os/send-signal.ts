// A signal to a process or, with a negative number, to a group. One that has just gone is not an error.

import { errno } from "../std/errors.ts";

/** False if it is gone. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (err) {
    if (errno(err) === "ESRCH") return false;
    throw err;
  }
}
