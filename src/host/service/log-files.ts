// Where service managers without a journal put what k0s prints.

import { serviceNames } from "./definition.ts";
import { openRc } from "./openrc.ts";
import { runit } from "./runit.ts";
import { s6 } from "./s6.ts";
import { systemd } from "./systemd.ts";
import { sysV } from "./sysv.ts";

/** Of every manager, whichever this host has. `program`: the k0s file, without symbolic links. */
export function serviceLogFiles(program: string): readonly string[] {
  const managers = [systemd, openRc, sysV, runit(""), s6("")];
  const all = managers.flatMap(({ logs }) => serviceNames.flatMap((name) => logs?.(name, program) ?? []));
  return [...new Set(all)];
}

/** In the line from which on such a file is k0s' own: no other line has it. */
export const serviceLogMark = "From this line on k0s empties this file when it is full";
