// What is in the database, before kine serves from it again: while kube-apiserver runs, whatever kine shows it is shown to
// kubelets. So kine is started beside its usual socket first, where nobody but k0s asks it.

import { errorMessage, UserError } from "../../std/errors.ts";
import { pollUntil } from "../../std/wait.ts";
import { SupervisedProcess, type SupervisedProcessOptions } from "../../supervisor/process.ts";
import { tellingLines } from "../../supervisor/readiness.ts";

/** A database that does not answer by then is one more reason to wait and try again. */
const patienceMs = 20_000;

export interface LookFirstOptions {
  /** Of a process that nobody else has anything to do with. */
  readonly process: SupervisedProcessOptions;
  /** Throws a UserError if the database is the wrong one, anything else while it does not answer. */
  readonly look: (signal: AbortSignal) => Promise<void>;
  readonly patienceMs?: number;
}

/** Resolves when the look was good and the process has ended; rejects with what the look found, or with what the process said. */
export async function lookFirst(options: LookFirstOptions, signal: AbortSignal): Promise<void> {
  const process = new SupervisedProcess(options.process);
  const look = async (abort: AbortSignal): Promise<true> => {
    await options.look(abort);
    return true;
  };
  try {
    await process.start(signal);
    await pollUntil(look, {
      what: "the database",
      intervalMs: 100,
      timeoutMs: options.patienceMs ?? patienceMs,
      signal,
      fatal: (err) => err instanceof UserError,
    });
  } catch (err) {
    const said = tellingLines(process.lastOutput()).at(-1);
    if (err instanceof UserError || signal.aborted || said === undefined) throw err;
    throw new Error(`${errorMessage(err)}; it says: ${said}`, { cause: err });
  } finally {
    await process.stop();
  }
}
