// A program in a test machine that should have succeeded and did not.

import type { ExecResult } from "../../src/sandbox/machine.ts";
import { describeEnd } from "../../src/std/program-end.ts";

export class ExitError extends Error {
  override readonly name = "ExitError";
  readonly result: ExecResult;

  constructor(machine: string, argv: readonly string[], result: ExecResult) {
    super(`${machine}: ${argv.join(" ")} ${describeEnd(result)}\n${result.stdout}${result.stderr}`);
    this.result = result;
  }
}
