// Whether this process belongs to a terminal and should learn of its end.

import { readFileSync } from "node:fs";
import { isNotFound } from "../std/errors.ts";

/**
 * True if it has a controlling terminal: its SIGHUP then says that the terminal has gone. Where there is no /proc, as on Windows,
 * that is what SIGHUP always says.
 */
export function hasTerminal(): boolean {
  const text = ownProc("stat");
  if (text === undefined) return true;
  // After the name, which may hold anything: state, ppid, pgrp, session, tty_nr.
  const terminal = text.slice(text.lastIndexOf(")") + 2).split(" ")[4];
  return terminal !== undefined && terminal !== "0";
}

/** True if the signal was ignored when this process began, as `nohup` does with SIGHUP. */
export function isIgnored(signal: number): boolean {
  const mask = /^SigIgn:\s*([0-9a-f]+)$/m.exec(ownProc("status") ?? "")?.[1] ?? "0";
  return ((BigInt(`0x${mask}`) >> BigInt(signal - 1)) & 1n) === 1n;
}

function ownProc(name: string): string | undefined {
  try {
    return readFileSync(`/proc/self/${name}`, "latin1");
  } catch (err) {
    if (isNotFound(err)) return undefined;
    throw err;
  }
}
