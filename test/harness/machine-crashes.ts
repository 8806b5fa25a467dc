// Remembers which of a machine's programs crashed, so that no test waits for what cannot come any more.

import { CrashError, crashSignal } from "../../src/std/program-end.ts";

export class MachineCrashes {
  private first: CrashError | undefined;

  /** Watches a program that runs beside the test; `words` is what it has said when it ends. */
  follow(program: string, exited: Promise<number>, words: () => Promise<string>): void {
    void exited.then(async (code) => {
      const crash = crashSignal({ code });
      if (crash === undefined) return;
      this.first ??= new CrashError(program, { code, crash }, await words());
    });
  }

  /** The probe, which throws the crash as soon as there is one. */
  guard<T>(probe: (signal: AbortSignal) => Promise<T> | T): (signal: AbortSignal) => Promise<T> | T {
    return (signal) => {
      if (this.first !== undefined) throw this.first;
      return probe(signal);
    };
  }
}
