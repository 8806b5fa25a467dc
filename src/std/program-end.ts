// How a program ended, and whether that is the program's own fault: waiting or trying again never cures a crash.

import { constants } from "node:os";

/** What a parent sees (`signal`), or what came through a shell, a container or a machine (`code` 128 + number). */
export interface ProgramEnd {
  readonly code: number | null;
  readonly signal?: NodeJS.Signals | number | null;
}

/** Signals by which the kernel or the C library ends a program that did something impossible. */
const crashes = {
  SIGILL: "illegal instruction",
  SIGTRAP: "trap",
  SIGABRT: "aborted itself",
  SIGBUS: "bus error",
  SIGFPE: "arithmetic error",
  SIGSEGV: "segmentation fault",
  SIGSYS: "forbidden system call",
} as const;

export type CrashSignal = keyof typeof crashes;

/** The signal that the program crashed with, or undefined if it ended in another way. */
export function crashSignal(end: ProgramEnd): CrashSignal | undefined {
  const names = Object.keys(crashes) as CrashSignal[];
  return names.find((name) => signalOf(end) === name);
}

/** `exited with code 3`, `was ended by SIGTERM`, `crashed with SIGSEGV (segmentation fault)`. */
export function describeEnd(end: ProgramEnd): string {
  const crash = crashSignal(end);
  if (crash !== undefined) return `crashed with ${crash} (${crashes[crash]})`;
  if (end.code !== null) return `exited with code ${end.code}`;
  return `was ended by ${signalOf(end) ?? "a signal"}`;
}

/** A program crashed: those who wait for its success give up at once. */
export class CrashError extends Error {
  override readonly name = "CrashError";
  readonly signal: CrashSignal;

  /** `words` is what the program said before. */
  constructor(program: string, end: ProgramEnd & { readonly crash: CrashSignal }, words = "") {
    const said = words.trimEnd() === "" ? "" : `:\n${words.trimEnd()}`;
    super(`${program} ${describeEnd(end)}${said}`);
    this.signal = end.crash;
  }
}

/** Throws a CrashError if the program crashed. */
export function assertNoCrash(program: string, end: ProgramEnd, words?: string): void {
  const crash = crashSignal(end);
  if (crash !== undefined) throw new CrashError(program, { ...end, crash }, words);
}

function signalOf({ code, signal }: ProgramEnd): string | undefined {
  if (typeof signal === "string") return signal;
  const number = typeof signal === "number" ? signal : (code ?? 0) - 128;
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
}
