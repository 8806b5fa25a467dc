// What is wrong with the processes of a node, said so that the first sentence names the cause. Pure.

import { argumentFieldsOf } from "../../roles/folds/arguments.ts";
import { controllerRole } from "../../roles/controller.ts";
import { workerRole } from "../../roles/worker.ts";
import { formatDuration } from "../../std/duration.ts";
import type { ComponentStatus } from "../../supervisor/component.ts";
import { lineSeverity } from "../../supervisor/severity.ts";
import { oneLine, type Problem } from "./problem.ts";

/** In the order in which components depend on each other; those that only wait come after what they wait for. */
export function componentProblems(components: readonly ComponentStatus[], now: Date): Problem[] {
  const down = components.filter(({ state }) => ["backing-off", "failed", "unhealthy"].includes(state));
  const coming = components.filter(
    ({ state, waitingFor }) =>
      !["ready", "backing-off", "failed", "unhealthy"].includes(state) &&
      (state !== "running" || waitingFor !== undefined),
  );
  return [
    ...down.map((one) => ({ ...downProblem(one, now), about: one.name })),
    ...coming.map((one) => ({ ...comingProblem(one), about: one.name })),
  ];
}

function downProblem(component: ComponentStatus, now: Date): Problem {
  const { name, state, lastError, lastExit = "", lastOutput = [], restartsOften } = component;
  if (state !== "backing-off" && restartsOften === undefined) {
    const verb = state === "failed" ? "has failed" : "is not well";
    return {
      text: `${name} ${verb}${lastError === undefined ? "" : `: ${oneLine(withoutGrpc(lastError))}`}`,
    };
  }
  if (component.notRecovered === true) return notRecoveredProblem(component);
  // A process that others killed said nothing about it.
  const wasKilled = /SIG(KILL|TERM|INT|HUP)$/.test(lastExit);
  const word = wasKilled ? undefined : tellingWord(lastOutput);
  const said = word === undefined ? "" : `: ${oneLine(word)}`;
  const remedy = wasKilled ? killedRemedy : remedyFor(name, [...lastOutput, lastExit].join("\n"));
  const how =
    restartsOften === undefined
      ? `is backing off: ${endText(component, now)}`
      : `is not well: ${lastError ?? "restarts often"}`;
  return { text: `${name} ${how}${said}`, ...(remedy === undefined ? {} : { remedy }) };
}

/** Of a connection that gRPC could not make, the reason alone. */
function withoutGrpc(error: string): string {
  const [, why] = /^14 UNAVAILABLE: .*? Last error: (?:Error: )?(.*?)\. Resolution note: /.exec(error) ?? [];
  return why ?? error;
}

/** How it ended matters less than what keeps the next one from starting. */
function notRecoveredProblem(component: ComponentStatus): Problem {
  const { name, lastExit, lastOutput = [], waitingFor } = component;
  const complaints = lastOutput.filter((line) => lineSeverity(line) === "error");
  const word = tellingWord(complaints) ?? (waitingFor === undefined ? undefined : `waits for ${waitingFor}`);
  const remedy = remedyFor(name, complaints.join("\n"));
  return {
    text: `${name} runs again but has not become ready since it ${lastExit ?? "ended"}${word === undefined ? "" : `: ${oneLine(word)}`}`,
    ...(remedy === undefined ? {} : { remedy }),
  };
}

/** `exited with code 1 (7 restarts, next try in 12 s)` */
function endText({ lastExit, lastError, restarts, retryAt }: ComponentStatus, now: Date): string {
  const how = lastExit ?? lastError ?? "it ended";
  const times = `${restarts} ${restarts === 1 ? "restart" : "restarts"}`;
  const leftMs = retryAt === undefined ? undefined : Math.max(0, retryAt.getTime() - now.getTime());
  const next =
    leftMs === undefined
      ? "started again just now"
      : `next try in ${formatDuration(Math.ceil(leftMs / 1000) * 1000)}`;
  return `${how} (${times}, ${next})`;
}

function comingProblem({ name, state, lastError, waitingFor }: ComponentStatus): Problem {
  if (lastError !== undefined) return { text: `${name} is ${state}: ${oneLine(lastError)}` };
  return { text: waitingFor === undefined ? `${name} is ${state}` : `${name} waits for ${waitingFor}` };
}

/** Of a program's last lines, the words that say why it ended. */
export function tellingWord(lines: readonly string[]): string | undefined {
  const said = lines.map((line) => line.trim()).filter((line) => line !== "");
  const line =
    said.findLast((one) => /^error:/i.test(one)) ??
    said.findLast((one) => errorField(one) !== undefined) ??
    said.findLast((one) => /^(?:panic|fatal error): /.test(one)) ??
    said.findLast((one) => lineSeverity(one) === "error") ??
    said.at(-1);
  return line === undefined ? undefined : withoutPrefix(errorField(line) ?? line);
}

/** It is obvious that it is an error; severity, time, process and place are for its own log. */
function withoutPrefix(line: string): string {
  return line
    .replace(/^error:\s*/i, "")
    .replace(/^[A-Z]{4,5}\[[-:.\dTZ+]+\] /, "")
    .replace(/^[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+\s+\d+ \S+:\d+\] /, "");
}

/** The error of a structured line: `… "command failed" err="bad flag"`, `… level=fatal msg="no disk"`, `{"error":"…"}`. */
function errorField(line: string): string | undefined {
  const [, quoted] =
    /\b(?:err|error)"?[=:]\s*("(?:[^"\\]|\\.)*")/.exec(line) ?? fatalMessage.exec(line) ?? [];
  if (quoted === undefined) return undefined;
  try {
    return JSON.parse(quoted) as string;
  } catch {
    // Go quotes more than JSON does: better as it is than not at all.
    return quoted.slice(1, -1);
  }
}

const fatalMessage = /\blevel=(?:fatal|panic) msg=("(?:[^"\\]|\\.)*")/;

const argumentFields = argumentFieldsOf([...controllerRole, ...workerRole]);

const killedRemedy = "somebody else ends it: dmesg shows whether it is the kernel, for lack of memory";

/** What to do about an end, by what the program said; undefined where nobody can know. */
export function remedyFor(component: string, output: string): string | undefined {
  const where = argumentFields.get(component);
  if (
    /unknown (shorthand )?flag|flag provided but not defined|invalid argument .* for .*flag/i.test(output) &&
    where
  )
    return `look at ${where}`;
  if (/address already in use/i.test(output)) return "find out who has its port: ss -ltnp";
  if (/file is not a database|database disk image is malformed/.test(output))
    return "put the database back from a backup";
  if (/is no executable file/.test(output)) return "a restart of k0s puts its programs in place again";
  if (/no space left on device|disk quota exceeded/i.test(output)) return "free some space on the disk";
  if (/read-only file system/i.test(output)) return "the log of the kernel may say why: dmesg";
  if (/certificate has expired|not yet valid/i.test(output))
    return "look at the clock of this host and its certificates";
  if (/failed to load kubelet config/i.test(output)) return "look at spec.workerProfiles of the controllers";
  return undefined;
}
