// A program in a test machine that should have succeeded and did not.

import type { ExecResult } from "../../src/sandbox/machine.ts";

export class ExitError extends Error {
  override readonly name = "ExitError";
  readonly result: ExecResult;

  constructor(machine: string, argv: readonly string[], result: ExecResult) {
    super(`${machine}: ${argv.join(" ")} exited with ${result.code}\n${result.stdout}${result.stderr}`);
    this.result = result;
  }
}
