// A file that one process has for itself: what a lock on a file is on Linux. Windows gives it free when the process ends,
// however it ends.

import type { FileLock } from "../flock.ts";
import { kernel32, lastError, ptr, wideString, windowsError } from "./system-calls.ts";

const GENERIC_READ = 0x8000_0000;
const GENERIC_WRITE = 0x4000_0000;
const SHARED_WITH_NOBODY = 0;
const OPEN_ALWAYS = 4;
const FILE_ATTRIBUTE_NORMAL = 0x80;
const INVALID_HANDLE_VALUE = -1n;
const ERROR_SHARING_VIOLATION = 32;

/** Makes the file if there is none. Undefined if another process has it. */
export function tryExclusive(path: string): FileLock | undefined {
  const name = wideString(path);
  const handle = kernel32().CreateFileW(
    ptr(name),
    GENERIC_READ + GENERIC_WRITE,
    SHARED_WITH_NOBODY,
    null,
    OPEN_ALWAYS,
    FILE_ATTRIBUTE_NORMAL,
    null,
  );
  if (handle === INVALID_HANDLE_VALUE) {
    const number = lastError();
    if (number === ERROR_SHARING_VIOLATION) return undefined;
    throw windowsError("CreateFile", number, path);
  }
  let held = true;
  return {
    path,
    release: () => {
      if (held) kernel32().CloseHandle(handle);
      held = false;
    },
  };
}
