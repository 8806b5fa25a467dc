// `k0s __exec`: what has to happen inside a child between fork and exec and Bun cannot do: die with the parent, drop
// to a user but keep single capabilities, undo the signal dispositions of our own runtime. Then it becomes the
// program. Internal: its command line is made by exec-helper-arguments.ts only.

import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { parseArgs } from "node:util";
import { errorMessage } from "../std/errors.ts";
import { capabilityNumbers, isAmbientCapability } from "./exec-helper-arguments.ts";
import { lastErrno, libc, ptr, systemError } from "./libc.ts";

/** Becomes the program. Returns only if that failed, with an exit code; says why on stderr. */
export function runExecHelper(argv: readonly string[]): number {
  try {
    const request = parseRequest(argv);
    // Read before the user changes: afterwards /proc/self is not ours to read.
    const environment = ownEnvironment();
    if (!prepare(request)) return 0;
    becomeProgram(request, environment);
  } catch (err) {
    process.stderr.write(`cannot start the program: ${errorMessage(err)}\n`);
  }
  return 127;
}

function becomeProgram({ program, argv0 }: ExecRequest, environment: Record<string, string>): void {
  const [command = "", ...args] = program;
  if (process.execve === undefined) throw new Error("this system has no exec");
  process.execve(command, [argv0 ?? command, ...args], environment);
}

interface ExecRequest {
  readonly parent: number | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  readonly ambient: readonly number[];
  readonly noNewPrivs: boolean;
  readonly argv0: string | undefined;
  readonly program: readonly string[];
}

function parseRequest(argv: readonly string[]): ExecRequest {
  const end = argv.indexOf("--");
  if (end < 0 || end === argv.length - 1) throw new Error("no program given");
  const { values } = parseArgs({
    args: argv.slice(0, end),
    options: {
      parent: { type: "string" },
      uid: { type: "string" },
      gid: { type: "string" },
      ambient: { type: "string" },
      argv0: { type: "string" },
      "no-new-privs": { type: "boolean" },
    },
  });
  return {
    parent: number("parent", values.parent),
    uid: number("uid", values.uid),
    gid: number("gid", values.gid),
    ambient: (values.ambient ?? "").split(",").filter(Boolean).map(capabilityNumber),
    noNewPrivs: values["no-new-privs"] ?? false,
    argv0: values.argv0,
    program: argv.slice(end + 1),
  };
}

/** False if the parent is gone already: then nobody needs the program. */
function prepare({ parent, uid, gid, ambient, noNewPrivs }: ExecRequest): boolean {
  // Bun ignores them, and ignored signals survive exec: without this a Go child never learns of a closed pipe.
  for (const signal of [constants.signals.SIGPIPE, constants.signals.SIGXFSZ]) libc().signal(signal, SIG_DFL);
  const keep = uid !== undefined && uid !== 0 && ambient.length > 0;
  if (keep) prctl("PR_SET_KEEPCAPS", PR_SET_KEEPCAPS, 1);
  if (gid !== undefined) {
    if (process.geteuid?.() === 0) check("setgroups", libc().setgroups(0, null));
    check("setresgid", libc().setresgid(gid, gid, gid));
  }
  if (uid !== undefined) check("setresuid", libc().setresuid(uid, uid, uid));
  if (keep) raiseAmbient(ambient);
  if (noNewPrivs) prctl("PR_SET_NO_NEW_PRIVS", PR_SET_NO_NEW_PRIVS, 1);
  if (parent === undefined) return true;
  // Changing the user clears it, so it comes last; a parent that died before it is noticed by the new parent.
  prctl("PR_SET_PDEATHSIG", PR_SET_PDEATHSIG, constants.signals.SIGKILL);
  return libc().getppid() === parent;
}

/** Permitted, inheritable and effective are exactly the wanted set; ambient makes it survive exec. */
function raiseAmbient(capabilities: readonly number[]): void {
  const words = new Uint32Array(6);
  for (const capability of capabilities) {
    const base = capability < 32 ? 0 : 3;
    for (const set of [0, 1, 2]) words[base + set] = (words[base + set] ?? 0) | (1 << (capability % 32));
  }
  const header = new Uint32Array([LINUX_CAPABILITY_VERSION_3, 0]);
  check("capset", libc().capset(ptr(header), ptr(words)));
  for (const capability of capabilities)
    prctl("PR_CAP_AMBIENT", PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability);
}

function prctl(name: string, option: number, first: number, second = 0): void {
  check(name, libc().prctl(option, first, second, 0, 0));
}

function check(call: string, result: number): void {
  if (result !== 0) throw systemError(call, lastErrno());
}

function number(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,10}$/.test(text)) throw new Error(`--${name} is not a number`);
  return Number(text);
}

function capabilityNumber(name: string): number {
  if (!isAmbientCapability(name)) throw new Error(`unknown capability ${name}`);
  return capabilityNumbers[name];
}

/** Exactly what our parent gave us; `process.env` could have been changed by the runtime. */
function ownEnvironment(): Record<string, string> {
  const env: Record<string, string> = {};
  for (const entry of readFileSync("/proc/self/environ", "utf8").split("\0")) {
    const at = entry.indexOf("=", 1);
    if (at > 0) env[entry.slice(0, at)] = entry.slice(at + 1);
  }
  return env;
}

const SIG_DFL = 0;
const PR_SET_PDEATHSIG = 1;
const PR_SET_KEEPCAPS = 8;
const PR_SET_NO_NEW_PRIVS = 38;
const PR_CAP_AMBIENT = 47;
const PR_CAP_AMBIENT_RAISE = 2;
const LINUX_CAPABILITY_VERSION_3 = 0x2008_0522;
