// What the supervision of a process asks of its operating system. docs/adr/0084.

import type { Logger } from "../std/log.ts";
import type { KeptPidFile } from "./pid-file.ts";
import type { SupervisedProcessOptions } from "./process-options.ts";

export interface Child {
  readonly pid: number;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly exited: Promise<number>;
  readonly exitCode: number | null;
  /** Some have no name. */
  readonly signalCode: NodeJS.Signals | number | null;
  /** To it, or with all that it has started; false if it has ended. */
  signal(signal: NodeJS.Signals, options?: { readonly group?: boolean }): boolean;
}

export interface ProcessSystem {
  /** Of files that can be executed. */
  readonly programSuffix: string;
  spawn(options: SupervisedProcessOptions, args: readonly string[]): Child;
  /** What a child that has ended may have left, and nobody would end any more. */
  endRemains(child: Child): Promise<void>;
  /** Ends what a killed k0s has left of this process; tells its number. */
  endLeftOver(
    options: SupervisedProcessOptions,
    how: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ): Promise<number | undefined>;
  /** Notes the child for that; undefined if it has ended already. */
  note(options: SupervisedProcessOptions, child: Child, log: Logger): Promise<KeptPidFile | undefined>;
  /** It has ended, and nothing of it is left. */
  forget(options: SupervisedProcessOptions): Promise<void>;
}
