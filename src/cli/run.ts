// Runs one command line: signals, dispatch, errors and exit codes.

// The X.509 library needs it before it is loaded; in the compiled program only an earlier chunk can promise that.
import "reflect-metadata";
import { basename } from "node:path";
import { constants } from "node:os";
import { hasTerminal, isIgnored } from "../os/terminal.ts";
import { errorText, ReportedError } from "./core/error-text.ts";
import { processIo, type CliIo } from "./core/io.ts";
import { refuseOnWindows } from "./core/on-windows.ts";

/** Programs that a link called after them stands for, with or without `k0s-` in front. Upstream: main.go. */
const multiCallNames: readonly string[] = ["kubectl", "ctr"];

const endSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
type EndSignal = (typeof endSignals)[number];

export async function runCli(argv0: string, args: readonly string[]): Promise<number> {
  const stop = new AbortController();
  const received: { signal?: EndSignal } = {};
  for (const name of endSignals) {
    // A terminal that closes ends what runs in it, unless it was told to outlive the terminal.
    if (name === "SIGHUP" && (isIgnored(constants.signals.SIGHUP) || !hasTerminal())) continue;
    process.on(name, () => {
      // Somebody who presses Ctrl-C twice does not want to wait for an orderly end.
      if (received.signal !== undefined && name === "SIGINT") process.exit(130);
      received.signal ??= name;
      stop.abort(new Error(`ended by ${name}`));
    });
  }
  // A service of Windows gets no signals; the launcher sets it, and nobody else can (launcher/child_windows.go).
  if (process.env["K0S_LAUNCHER_STDIN_ENDS"] !== undefined) {
    const end = (): void => stop.abort(new Error("ended by the service manager"));
    process.stdin.once("end", end).once("close", end).resume();
  }
  const io = processIo(stop.signal);
  try {
    return await dispatch(argv0, args, io);
  } catch (err) {
    if (received.signal !== undefined && isCausedBy(err, stop.signal.reason))
      return 128 + constants.signals[received.signal];
    if (!(err instanceof ReportedError)) io.err(errorText(err));
    return 1;
  }
}

/** An error with another text still says what it was: the end by a signal stays one. */
function isCausedBy(err: unknown, reason: unknown): boolean {
  for (let at = err, depth = 0; depth < 16; at = at instanceof Error ? at.cause : undefined, depth += 1)
    if (at !== undefined && at === reason) return true;
  return false;
}

async function dispatch(argv0: string, args: readonly string[], io: CliIo): Promise<number> {
  const calledAs = basename(argv0).replace(/^k0s-/, "");
  const [first = "", ...rest] = multiCallNames.includes(calledAs) ? [calledAs, ...args] : args;
  if (["kubectl", "kc", "ctr"].includes(first)) refuseOnWindows(`k0s ${first}`, process.platform);
  if (first === "kubectl" || first === "kc") {
    const { kubectl } = await import("./kubectl/run.ts");
    return kubectl(rest, io);
  }
  if (first === "ctr") {
    const { ctr } = await import("./ctr/run.ts");
    return ctr(rest, io);
  }
  const { runProgram } = await import("./program.ts");
  return runProgram(args, io);
}
