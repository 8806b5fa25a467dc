// Runs one command line: signals, dispatch, errors and exit codes.

// The X.509 library needs it before it is loaded; in the compiled program only an earlier chunk can promise that.
import "reflect-metadata";
import { basename } from "node:path";
import { errorMessage, UserError } from "../std/errors.ts";
import { processIo, type CliIo } from "./io.ts";

/** Programs that a link called after them stands for, with or without `k0s-` in front. Reference §1.1. */
const multiCallNames: readonly string[] = ["kubectl", "ctr"];

export async function runCli(argv0: string, args: readonly string[]): Promise<number> {
  const stop = new AbortController();
  const received: { signal?: NodeJS.Signals } = {};
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      // Somebody who presses Ctrl-C twice does not want to wait for an orderly end.
      if (received.signal !== undefined && name === "SIGINT") process.exit(130);
      received.signal ??= name;
      stop.abort(new Error(`ended by ${name}`));
    });
  }
  const io = processIo(stop.signal);
  try {
    return await dispatch(argv0, args, io);
  } catch (err) {
    if (received.signal !== undefined && err === stop.signal.reason)
      return received.signal === "SIGINT" ? 130 : 143;
    reportError(err, io);
    return 1;
  }
}

async function dispatch(argv0: string, args: readonly string[], io: CliIo): Promise<number> {
  const calledAs = basename(argv0).replace(/^k0s-/, "");
  const [first = "", ...rest] = multiCallNames.includes(calledAs) ? [calledAs, ...args] : args;
  if (first === "kubectl" || first === "kc") {
    const { kubectl } = await import("./actions/kubectl.ts");
    return kubectl(rest, io);
  }
  if (first === "ctr") {
    const { ctr } = await import("./actions/ctr.ts");
    return ctr(rest, io);
  }
  const { runProgram } = await import("./program.ts");
  return runProgram(args, io);
}

/** `Error: <what failed>`, then what to do; bugs of ours show where they happened. */
function reportError(err: unknown, io: Pick<CliIo, "err">): void {
  if (!(err instanceof UserError)) {
    io.err(`Error: ${errorMessage(err)}\n`);
    if (err instanceof Error && err.stack !== undefined) io.err(`${err.stack}\n`);
    return;
  }
  io.err(`Error: ${err.message}\n`);
  if (err.hint !== undefined) io.err(`${err.hint}\n`);
}
