// `k0s install worker`, `start`, `stop`, `status`, `uninstall` on Windows. Upstream: pkg/install/service.go.

import { win32 } from "node:path";
import { serviceDescription } from "../../host/service/definition.ts";
import { serviceArguments } from "../../host/service/service-arguments.ts";
import { answerOrThrow, type AskManager, serviceManagerOf } from "../../host/windows-service/manager.ts";
import { requireElevated } from "../../node/windows/run.ts";
import { readStatusPipe, type WindowsStatus } from "../../node/windows/status-pipe.ts";
import { statIfExists } from "../../os/files.ts";
import { selfPath } from "../../payload/self-path.ts";
import { windowsNodePaths } from "../../product/windows-paths.ts";
import { UserError } from "../../std/errors.ts";
import { usageError } from "../core/cobra-command.ts";
import type { GivenFlag } from "../core/command.ts";
import type { CliIo } from "../core/io.ts";
import { printJson, printYaml } from "../core/output.ts";

const name = "k0sworker";
/** A worker that ends waits for kubelet and containerd. */
const endMs = 90_000;

export interface WindowsHost {
  readonly ask: AskManager;
  /** Throws where the user is no administrator. */
  readonly requireElevated: () => void;
  readonly status: (pipe: string) => Promise<WindowsStatus>;
}

function thisHost(io: Pick<CliIo, "env" | "signal">): WindowsHost {
  return {
    ask: serviceManagerOf(selfPath(io.env)),
    requireElevated,
    status: (pipe) => readStatusPipe(pipe, io.signal),
  };
}

type Io = Pick<CliIo, "env" | "signal" | "out" | "err">;

export interface InstallInput {
  readonly flags: {
    readonly force: boolean;
    readonly start: boolean;
    readonly env: readonly string[];
    readonly tokenFile: string;
  };
  readonly givenTexts: readonly GivenFlag[];
  readonly args: readonly string[];
  readonly io: Io;
}

export async function installOnWindows(
  { flags, givenTexts, args, io }: InstallInput,
  host: WindowsHost = thisHost(io),
): Promise<void> {
  host.requireElevated();
  // Everybody may read what a service is started with.
  if (args.length > 0)
    throw usageError("a service takes its join token from a file", "Give it with --token-file.");
  if (flags.env.length > 0)
    throw new UserError("a service of Windows has no variables of its own", {
      code: "on-windows",
      hint: "It has those of the system: set them there, and leave --env out.",
    });
  const { tokenFile } = flags;
  if (tokenFile !== "" && (await statIfExists(tokenFile)) === undefined)
    io.err(`${tokenFile} does not exist yet: the service needs it to join\n`);
  const answer = answerOrThrow(
    name,
    await host.ask({
      op: "install",
      name,
      displayName: "k0s worker",
      description: serviceDescription,
      args: serviceArguments("worker", givenTexts, process.cwd(), win32.resolve),
      force: flags.force,
    }),
  );
  if (answer.changed) io.err("The service was changed.\n");
  if (answer.message !== "") io.err(`${answer.message}\n`);
  const runs = answer.state === "running";
  if (!flags.start) {
    if (answer.changed && runs)
      io.err("It runs with what it had: `k0s stop`, then `k0s start` makes it take effect.\n");
    return;
  }
  if (runs) answerOrThrow(name, await host.ask({ op: "stop", name, timeoutMs: endMs }));
  answerOrThrow(name, await host.ask({ op: "start", name }));
}

export async function startOnWindows(
  { io }: { readonly io: Io },
  host: WindowsHost = thisHost(io),
): Promise<void> {
  host.requireElevated();
  answerOrThrow(name, await host.ask({ op: "start", name }));
}

export async function stopOnWindows(
  { flags, io }: { readonly flags: { readonly timeout: number }; readonly io: Io },
  host: WindowsHost = thisHost(io),
): Promise<void> {
  host.requireElevated();
  answerOrThrow(name, await host.ask({ op: "stop", name, timeoutMs: flags.timeout }));
  io.out(`k0s stopped by Windows (${name})\n`);
}

export async function uninstallOnWindows(
  { io }: { readonly io: Io },
  host: WindowsHost = thisHost(io),
): Promise<void> {
  host.requireElevated();
  answerOrThrow(name, await host.ask({ op: "uninstall", name, timeoutMs: endMs }));
}

export interface StatusInput {
  readonly flags: { readonly out: string; readonly statusSocket: string };
  readonly io: Io;
}

/** The exit code is that of `k0s status` elsewhere: 0 without a format only when all is well. */
export async function statusOnWindows(
  { flags, io }: StatusInput,
  host: WindowsHost = thisHost(io),
): Promise<number> {
  const { statusSocket } = windowsNodePaths({ statusSocket: flags.statusSocket });
  const report = await host.status(statusSocket);
  const service = await host.ask({ op: "query", name });
  const shown = { ...report, service: service.code === undefined ? (service.state ?? "") : "none" };
  const healthy = report.problem === undefined && report.components.every(({ state }) => state === "ready");
  if (flags.out === "json") printJson(io, shown);
  else if (flags.out === "yaml") printYaml(io, shown);
  else io.out(statusText(shown));
  return healthy || flags.out !== "" ? 0 : 1;
}

function statusText({
  version,
  pid,
  node,
  startedAt,
  service,
  problem,
  components,
}: WindowsStatus & { service: string }): string {
  const lines = [
    `Version: ${version}`,
    `Process ID: ${pid}`,
    "Role: worker",
    `Node: ${node}`,
    `Started: ${startedAt}`,
    `Service: ${service}`,
    ...(problem === undefined ? [] : [`Waiting: ${problem}`]),
    "Components:",
    ...components.map(
      ({ name: of, state, error }) => `  ${of}: ${state}${error === undefined ? "" : `, ${error}`}`,
    ),
  ];
  return lines.map((line) => `${line}\n`).join("");
}
