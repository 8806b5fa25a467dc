// Asks Windows' service manager by the k0s file, which knows its language: a request and an answer, both JSON. The other end is
// launcher/manager_windows.go.

import * as z from "zod";
import { cleanEnvironment } from "../../os/exec.ts";
import { outcomeOf } from "../../os/windows/run-program.ts";
import { UserError } from "../../std/errors.ts";
import { parsedJson } from "../../std/json.ts";

export type ManagerRequest =
  | {
      readonly op: "install";
      readonly name: string;
      readonly displayName: string;
      readonly description: string;
      /** The command and its flags. */
      readonly args: readonly string[];
      readonly force: boolean;
    }
  | { readonly op: "start" | "query"; readonly name: string }
  | { readonly op: "stop" | "uninstall"; readonly name: string; readonly timeoutMs: number };

const answerSchema = z.object({
  state: z.string().optional(),
  pid: z.number().optional(),
  /** What it starts, of a `query`. */
  command: z.string().optional(),
  /** The command line that was there is another one now. */
  changed: z.boolean().default(false),
  code: z.string().optional(),
  /** What the code means, or without one a remark. */
  message: z.string().default(""),
});

export type ManagerAnswer = z.output<typeof answerSchema>;
export type AskManager = (request: ManagerRequest) => Promise<ManagerAnswer>;

/** `launcher`: the k0s file. Failures of the manager are answers, too. */
export function serviceManagerOf(launcher: string): AskManager {
  return async (request) => {
    const child = Bun.spawn([launcher], {
      env: { ...cleanEnvironment(), K0S_LAUNCHER: "manager" },
      stdin: Buffer.from(JSON.stringify(request)),
      stdout: "pipe",
      stderr: "pipe",
      windowsHide: true,
    });
    const { stdout, stderr, code } = await outcomeOf(child);
    const answer = answerSchema.safeParse(parsedJson(stdout));
    if (code === 0 && answer.success) return answer.data;
    throw new Error(`${launcher} asked the service manager in vain: code ${code}, ${stderr.trim()}`);
  };
}

/** The answer, or the UserError that its code means. */
export function answerOrThrow(name: string, answer: ManagerAnswer): ManagerAnswer {
  if (answer.code === undefined) return answer;
  const known = failures[answer.code];
  const message = known?.message(name) ?? `Windows' service manager cannot do that: ${answer.message}`;
  throw new UserError(message, {
    code: answer.code,
    ...(known?.hint === undefined ? {} : { hint: known.hint(answer) }),
  });
}

interface Failure {
  readonly message: (name: string) => string;
  readonly hint?: (answer: ManagerAnswer) => string;
}

const failures: Readonly<Record<string, Failure>> = {
  "not-installed": {
    message: (name) => `the service ${name} is not installed`,
    hint: () => "Install it with `k0s install worker --token-file FILE`.",
  },
  denied: {
    message: () => "Windows' service manager denies that",
    hint: () => 'Open a terminal with "Run as administrator", and try it there.',
  },
  running: { message: () => "already running" },
  stopped: { message: () => "already stopped" },
  exists: {
    message: (name) => `the service ${name} is installed already, with another command line`,
    hint: ({ message }) => `--force replaces it. It is${message.slice(message.lastIndexOf(": ") + 1)}`,
  },
  timeout: {
    message: (name) => `the service ${name} has not ended in time`,
    hint: () => "Wait longer with --timeout, or look into its log in the data directory.",
  },
  "being-deleted": {
    message: (name) => `Windows is still deleting the service ${name}`,
    hint: () => "Close what holds it open, such as the window of services, and try again.",
  },
};
