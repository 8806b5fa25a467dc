// One process held by a pidfd: whatever happens to its number, a signal reaches this process or nobody.
//
// A pid names a process only until its parent has collected it; then the number is free, and a signal to it may end a
// stranger. Take the pidfd while the pid is certain to be right (a child that was just started; a process whose start
// time was compared after the pidfd was opened) and send every later signal through it.

import { closeSync } from "node:fs";
import { constants } from "node:os";
import { lastErrno, systemCall, systemError } from "./libc.ts";
import { sendSignal } from "./send-signal.ts";

export interface PinnedProcess extends Disposable {
  readonly pid: number;
  /** To the process, or to every member of the group that it leads; false if nobody is left to get it. */
  signal(signal: NodeJS.Signals, options?: { readonly group?: boolean }): boolean;
}

/** Undefined when no process has this number. */
export function pinProcess(pid: number): PinnedProcess | undefined {
  const fd = systemCall(SYS_pidfd_open, pid, 0);
  if (fd >= 0) return withPidfd(pid, fd);
  const number = lastErrno();
  // ENOENT, before Linux 6.9 EINVAL: the number is that of a thread by now, which leads no process.
  if (number === ESRCH || number === ENOENT || number === EINVAL) return undefined;
  // A kernel before 5.3, or a filter of system calls that does not know it: the number has to do.
  if (number === ENOSYS || number === EPERM) return byNumber(pid);
  throw systemError("pidfd_open", number);
}

function withPidfd(pid: number, fd: number): PinnedProcess {
  let open = true;
  return {
    pid,
    signal: (signal, { group = false } = {}) => {
      if (!open) throw new Error(`the pidfd of process ${pid} is closed`);
      return group ? signalGroup(pid, fd, signal) : send(fd, constants.signals[signal], 0);
    },
    [Symbol.dispose]: () => {
      if (open) closeSync(fd);
      open = false;
    },
  };
}

function signalGroup(pid: number, fd: number, signal: NodeJS.Signals): boolean {
  try {
    return send(fd, constants.signals[signal], PIDFD_SIGNAL_PROCESS_GROUP);
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== "EINVAL") throw err;
    // Before Linux 6.9. While its leader has not been collected the group keeps its number.
    return send(fd, 0, 0) && sendSignal(-pid, signal);
  }
}

function send(fd: number, signal: number, flags: number): boolean {
  if (systemCall(SYS_pidfd_send_signal, fd, signal, 0, flags) === 0) return true;
  const number = lastErrno();
  if (number === ESRCH) return false;
  throw systemError("pidfd_send_signal", number);
}

function byNumber(pid: number): PinnedProcess {
  return {
    pid,
    signal: (signal, { group = false } = {}) => sendSignal(group ? -pid : pid, signal),
    [Symbol.dispose]: () => undefined,
  };
}

const SYS_pidfd_send_signal = 424;
const SYS_pidfd_open = 434;
const PIDFD_SIGNAL_PROCESS_GROUP = 4;
const EPERM = 1;
const ENOENT = 2;
const ESRCH = 3;
const EINVAL = 22;
const ENOSYS = 38;
