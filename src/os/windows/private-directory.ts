// Who may use a directory. Below C:\ every user may change what others have made, and k0s runs programs from its data directory
// as the system.

import { runProgram, type RunProgram } from "./run-program.ts";

/** By number: their names are those of the system's language. */
const system = "*S-1-5-18";
const administrators = "*S-1-5-32-544";
const users = "*S-1-5-32-545";

/** `open`: everybody may read there, as containers have to read their volumes. */
export function accessArguments(dir: string, access: "open" | "closed"): readonly string[] {
  const all = "(OI)(CI)F";
  return [
    dir,
    // What is inherited goes, in the same step.
    "/inheritance:r",
    "/grant:r",
    `${system}:${all}`,
    `${administrators}:${all}`,
    ...(access === "open" ? [`${users}:(OI)(CI)RX`] : []),
    "/Q",
  ];
}

/** Only administrators change what lies there. */
export async function restrictDirectory(
  dir: string,
  access: "open" | "closed",
  run: RunProgram = runProgram,
): Promise<void> {
  await run("icacls.exe", accessArguments(dir, access));
}
