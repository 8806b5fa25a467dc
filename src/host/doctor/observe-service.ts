// How the service that runs k0s is, in the words of its manager.

import { run } from "../../os/exec.ts";
import { readFileIfExists } from "../../os/files.ts";
import { findExecutable } from "../../os/find-executable.ts";
import type { InitSystem, ServiceName } from "../service/definition.ts";
import { detectInitSystem, thisHost } from "../service/detect.ts";
import { installedService } from "../service/installed.ts";
import type { ExaminedService } from "./examined-node.ts";

const commandLimitMs = 3_000;

/** Undefined on a host without one. `arguments`: flags of k0s. */
export async function observeService(
  signal: AbortSignal,
): Promise<(ExaminedService & { readonly arguments: readonly string[] }) | undefined> {
  const init = await detectInitSystem(await thisHost());
  const service = init === undefined ? undefined : await installedService(init, { read: readFileIfExists });
  if (init === undefined || service === undefined) return undefined;
  const { name, text } = service;
  const [answer, says] = await Promise.all([ask(init.query(name), signal), saysOf(init, name, signal)]);
  return {
    manager: init.title,
    name,
    definition: init.definitionPath(name),
    runs: answer !== undefined && init.isRunning(answer),
    ...(says === undefined ? {} : { says }),
    arguments: argumentsIn(text),
  };
}

/** The flags of k0s in a definition of any manager, as k0s is given them. */
export function argumentsIn(definition: string): readonly string[] {
  const isUnit = /^ExecStart=/m.test(definition);
  return definition.split("\n").flatMap((line) => {
    if (/^\s*#/.test(line)) return [];
    // OpenRC evaluates these words twice.
    const inner = /^command_args="((?:[^"\\]|\\.)*)"/.exec(line)?.[1]?.replaceAll(/\\([\\$`"])/g, "$1");
    const words = (inner ?? line).match(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/g) ?? [];
    const flags = words.map(unquoted).filter((word) => /^--[a-z0-9-]+(=|$)/.test(word));
    return isUnit ? flags.map((word) => word.replaceAll(/([%$])\1/g, "$1")) : flags;
  });
}

function unquoted(word: string): string {
  return word.replaceAll(
    /\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'/g,
    (_, escaped?: string, double?: string, single?: string) =>
      escaped ?? double?.replaceAll(/\\(.)/g, "$1") ?? single ?? "",
  );
}

type Words = readonly [string, ...string[]];

/** Undefined when the manager cannot be asked, or does not answer in time. */
async function ask(
  [program, ...args]: Words,
  signal: AbortSignal,
): Promise<{ code: number | null; stdout: string } | undefined> {
  const found = findExecutable(program);
  if (found === undefined) return undefined;
  try {
    return await run(found, args, { signal, timeoutMs: commandLimitMs, maxOutputBytes: 1024 * 1024 });
  } catch (err) {
    signal.throwIfAborted();
    // What a stuck manager would have said is left out; that the service does not run is said by its process.
    if (err instanceof Error) return undefined;
    throw err;
  }
}

async function saysOf(init: InitSystem, name: ServiceName, signal: AbortSignal): Promise<string | undefined> {
  if (init.title !== "systemd") return undefined;
  const fields = "ActiveState,SubState,Result,ExecMainStatus,NRestarts,UnitFileState";
  const answer = await ask(["systemctl", "show", `--property=${fields}`, `${name}.service`], signal);
  return answer === undefined ? undefined : systemdState(answer.stdout);
}

/** `failed (Result=exit-code, ExecMainStatus=1, NRestarts=3), enabled` */
export function systemdState(shown: string): string | undefined {
  const fields = new Map(
    shown.split("\n").flatMap((line): [string, string][] => {
      const at = line.indexOf("=");
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1).trim()]];
    }),
  );
  const active = fields.get("ActiveState");
  if (active === undefined || active === "") return undefined;
  const facts = ["SubState", "Result", "ExecMainStatus", "NRestarts"].flatMap((name) => {
    const value = fields.get(name) ?? "";
    return value === "" ? [] : [`${name}=${value}`];
  });
  const boot = fields.get("UnitFileState") ?? "";
  return `${active} (${facts.join(", ")})${boot === "" ? "" : `, ${boot} at boot`}`;
}
