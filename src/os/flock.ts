// Advisory whole-file locks (flock). Upstream: pkg/config/flock_unix.go.

import { closeSync, constants, fchmodSync, fstatSync, openSync, statSync } from "node:fs";
import { isNotFound } from "../std/errors.ts";
import { lastErrno, libc, systemError } from "./libc.ts";

export interface FileLock {
  readonly path: string;
  /** Gives the lock up; the file stays. It also happens when the process ends, however it ends. */
  release(): void;
}

export interface LockOptions {
  /** Others may share it; default: exclusive. */
  shared?: boolean;
  /** Mode of the file if it has to be made; default 0600. */
  mode?: number;
  /** Fails with ELOOP where a symbolic link has the name. */
  noFollow?: boolean;
  /** How long to ask again while others hold it: `isLocked` holds it for an instant to find out. Default 500 ms. */
  patienceMs?: number;
}

const LOCK_SH = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;
const EAGAIN = 11;
const EINTR = 4;

/** Takes the lock; undefined if somebody else holds it. The lock is on the file that has this name now. */
export function tryLock(path: string, options: LockOptions = {}): FileLock | undefined {
  const mode = options.mode ?? 0o600;
  const kind = options.shared === true ? LOCK_SH : LOCK_EX;
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDWR } = constants;
  const flags = O_RDWR | O_CREAT | O_APPEND | (options.noFollow === true ? O_NOFOLLOW : 0);
  const deadline = performance.now() + (options.patienceMs ?? 500);
  for (;;) {
    const fd = openSync(path, flags, mode);
    fchmodSync(fd, mode);
    const lock = lockDescriptor(fd, path, kind);
    if (lock !== undefined && isNamed(fd, path)) return lock;
    // Deleted by a holder that has ended since: the next one makes another file, and both would hold "the" lock.
    lock?.release();
    if (performance.now() >= deadline) return undefined;
    Bun.sleepSync(5);
  }
}

function isNamed(fd: number, path: string): boolean {
  try {
    const [open, named] = [fstatSync(fd), statSync(path)];
    return open.ino === named.ino && open.dev === named.dev;
  } catch (err) {
    if (isNotFound(err)) return false;
    throw err;
  }
}

/** Whether somebody holds the exclusive lock; false if the file does not exist. Never creates it. */
export function isLocked(path: string): boolean {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (err) {
    if (isNotFound(err)) return false;
    throw err;
  }
  const lock = lockDescriptor(fd, path, LOCK_SH);
  lock?.release();
  return lock === undefined;
}

function lockDescriptor(fd: number, path: string, kind: number): FileLock | undefined {
  for (;;) {
    if (libc().flock(fd, kind | LOCK_NB) === 0) return { path, release: once(() => unlock(fd)) };
    const number = lastErrno();
    if (number === EINTR) continue;
    closeSync(fd);
    if (number === EAGAIN) return undefined;
    throw systemError("flock", number, path);
  }
}

/** Closing alone would leave it to a child that is between fork and exec. */
function unlock(fd: number): void {
  libc().flock(fd, LOCK_UN);
  closeSync(fd);
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    action();
  };
}
