// Whether k0s runs and answers, and whether the processes that it looks after are well.

import { recordFileName } from "../../../config/installation-record.ts";
import { processInfo } from "../../../os/processes.ts";
import { statIfExists } from "../../../os/files.ts";
import type { FileFault } from "../../../status/problems/host.ts";
import { componentProblems } from "../../../status/problems/components.ts";
import { oneLine } from "../../../status/problems/problem.ts";
import { type ComponentReport, componentStatus } from "../../../status/protocol.ts";
import { ownComponent } from "../../logs/line.ts";
import { controllerRole } from "../../../roles/controller.ts";
import { componentNamesOf } from "../../../roles/folds/names.ts";
import { workerRole } from "../../../roles/worker.ts";
import { leftProcesses } from "../../../supervisor/left-over.ts";
import { isPrincipal, reachOf, reachOfK0s } from "../component-reach.ts";
import { type ExaminedNode, type Refusal, startCommand } from "../examined-node.ts";
import { type Explained, type Finding, type Verdict, verdictOf } from "../finding.ts";
import { type Examination, link } from "../link.ts";
import { lastWord } from "../last-word.ts";
import { redacted } from "../redacted.ts";

export interface ProcessFacts {
  /** By pid, of the components' processes: `T` is stopped by a signal. */
  readonly states: ReadonlyMap<number, string>;
  /** Processes of a k0s that is gone, and still run. */
  readonly left: readonly { readonly name: string; readonly pid: number }[];
  /** What a k0s removes when it ends in order is still there. */
  readonly endedInDisorder: boolean;
  /** Of containerd. */
  readonly dropIns: readonly FileFault[];
}

export const processesLink = link<ProcessFacts>({
  name: "processes",
  look: lookAtProcesses,
  judge: judgeProcesses,
});

async function lookAtProcesses({ node: { paths, k0s }, shared }: Examination): Promise<ProcessFacts> {
  const pids = k0s.state === "answers" ? k0s.report.Components.flatMap(({ pid }) => pid ?? []) : [];
  const states = await Promise.all(
    pids.map(async (pid) => [pid, (await processInfo(pid))?.state ?? "gone"] as const),
  );
  return {
    states: new Map(states),
    left: k0s.state === "gone" ? await leftProcesses(paths.runDir) : [],
    endedInDisorder: k0s.state === "gone" && (await statIfExists(paths.runtimeConfig)) !== undefined,
    dropIns: (await shared.host()).fileFaults.filter(({ kind }) => kind === "drop-in"),
  };
}

export function judgeProcesses(facts: ProcessFacts, node: ExaminedNode): Verdict {
  return verdictOf([
    ...facts.dropIns.map((fault) => dropInFinding(fault, node)),
    ...ofProcesses(facts, node),
  ]);
}

function ofProcesses(facts: ProcessFacts, node: ExaminedNode): readonly Finding[] {
  const { k0s } = node;
  if (k0s.state === "gone")
    return [
      ...configurationFindings(node),
      ...(node.refusals ?? [])
        .filter(({ displayName }) => !facts.dropIns.some(({ path }) => displayName.includes(path)))
        .map((refusal) => refusalFinding(refusal, node)),
      goneFinding(facts, node),
    ];
  if (k0s.state === "silent") return [...configurationFindings(node), silentFinding(k0s)];
  const { Components, Problems } = k0s.report;
  const [problem, ...further] = Problems;
  if (problem !== undefined && !Components.some(({ pid }) => pid !== undefined))
    return [idleFinding(problem, further)];
  const stopped = Components.filter(({ pid }) => pid !== undefined && facts.states.get(pid) === "T");
  const names = new Set(stopped.map(({ name }) => name));
  const others = Components.filter(({ name }) => !names.has(name));
  return withExplained([...stopped.map(stoppedFinding), ...componentFindings(others, node)], Components);
}

/** It ends containerd when that starts again, and a start of k0s before that. */
function dropInFinding({ path, text, remedy = "" }: FileFault, { k0s }: ExaminedNode): Finding {
  return {
    link: "processes",
    about: path,
    what: redacted(text),
    evidence: [`\`k0s sysinfo\` refuses ${path}`],
    effect: "no pods once containerd is started again",
    remedy,
    explains:
      k0s.state === "gone"
        ? [{ link: "processes", about: "k0s" }, ...reachOfK0s]
        : [{ link: "processes", about: "containerd" }, ...reachOf("containerd")],
  };
}

/** What keeps it from starting. */
function configurationFindings({ configTrouble }: ExaminedNode): Finding[] {
  if (configTrouble === undefined) return [];
  const [first = "", ...others] = configTrouble.what.split("\n");
  return [
    {
      link: "processes",
      about: "configuration",
      what: redacted(`k0s cannot start with its configuration: ${first.trim()}`),
      evidence: others.filter((line) => line.trim() !== "").map((line) => redacted(line.trim())),
      effect: "k0s refuses to start",
      remedy: configTrouble.remedy,
      explains: [{ link: "processes", about: "k0s" }, ...reachOfK0s],
    },
  ];
}

/** What the checks of a start reject: it has a remedy of its own, and k0s does not run because of it. */
function refusalFinding(refusal: Refusal, node: ExaminedNode): Finding {
  const { displayName, prop, message, error, why, remedy } = refusal;
  const found = error?.message ?? [prop, message].filter((text) => text !== "").join(", ");
  const start = node.service?.runs === true ? startRemedy(node) : `then ${startCommand(node)}`;
  return {
    link: "processes",
    about: "pre-flight",
    what: redacted(`k0s refuses to start on this host: ${displayName}: ${found}`),
    evidence: ["`k0s sysinfo`, the checks of a start, made again just now", ...(why === "" ? [] : [why])],
    effect: "k0s refuses to start",
    remedy: `${remedy === "" ? "look at `k0s sysinfo`" : remedy.replace(/\.$/, "")}; ${start}`,
    explains: [{ link: "processes", about: "k0s" }, ...reachOfK0s],
  };
}

/** A service that its manager counts as running is refused another start. */
function startRemedy(node: ExaminedNode): string {
  const { service } = node;
  if (service?.runs !== true) return `start it: ${startCommand(node)}`;
  return `${service.manager} starts ${service.name} again by itself; \`k0s restart\` does so at once`;
}

function goneFinding({ left, endedInDisorder }: ProcessFacts, node: ExaminedNode): Finding {
  const { paths, service, role, log } = node;
  if (role === undefined)
    return {
      link: "processes",
      about: "k0s",
      what: "no k0s has run on this host",
      evidence: [`${paths.dataDir} has no ${recordFileName}, and no service manager has a service of k0s`],
      remedy:
        "`k0s sysinfo` tells whether this host can run it, `k0s install` makes a service of it; with another data directory, give --data-dir",
      explains: reachOfK0s,
    };
  const word = lastWord(log);
  const evidence = [
    ...(service === undefined
      ? ["no service manager of this host has a service of k0s"]
      : [
          `${service.manager}: the service ${service.name} ${service.runs ? "is starting it" : "does not run"}${service.says === undefined ? "" : `: ${service.says}`}`,
        ]),
    ...(word === undefined || log === undefined ? [] : [`${log.name}: ${word}`]),
    ...(endedInDisorder
      ? [`${paths.runtimeConfig} is still there: it was killed, or this host went down`]
      : []),
    ...left.map(({ name, pid }) => `${name} (pid ${pid}) still runs; the next start ends it`),
  ];
  return {
    link: "processes",
    about: "k0s",
    what: `k0s does not run${word === undefined ? "" : `: its last words were ${JSON.stringify(word)}`}`,
    evidence,
    effect:
      role === "worker"
        ? "pods that run go on, and nobody looks after them"
        : "no control plane on this host; pods that run go on",
    remedy: `${startRemedy(node)}${log === undefined ? "" : "; `k0s logs` shows what it has said"}`,
    explains: reachOfK0s,
  };
}

function silentFinding(k0s: Extract<ExaminedNode["k0s"], { state: "silent" }>): Finding {
  const stopped = k0s.processState === "T" || k0s.processState === "t";
  return {
    link: "processes",
    about: "k0s",
    what: stopped ? `k0s (pid ${k0s.pid}) is stopped by a signal` : `k0s (pid ${k0s.pid}) does not answer`,
    evidence: [`status: ${k0s.why}`, `/proc/${k0s.pid}/stat: its state is ${k0s.processState}`],
    effect: "nobody starts a process of this node again that ends",
    remedy: stopped
      ? `let it go on: kill -CONT ${k0s.pid}`
      : "if it is starting, wait; otherwise look at its log and at the load of this host, and restart it",
    explains: reachOfK0s,
  };
}

/** It waits before it starts any, or has ended them: it has said why. */
function idleFinding(problem: string, others: readonly string[]): Finding {
  return {
    link: "processes",
    about: "k0s",
    what: redacted(problem),
    evidence: ["k0s runs, and none of its programs does", ...others.slice(0, 4).map(redacted)],
    effect: "this host has no part in the cluster",
    remedy: "put right what that sentence names; k0s goes on by itself then, and `k0s logs k0s` says more",
    explains: reachOfK0s,
  };
}

function stoppedFinding({ name, pid = 0 }: ComponentReport): Finding {
  return {
    link: "processes",
    about: name,
    what: `${name} (pid ${pid}) is stopped by a signal`,
    evidence: [`/proc/${pid}/stat: its state is T, which SIGSTOP and debuggers make`],
    remedy: `let it go on: kill -CONT ${pid}`,
    explains: reachOf(name),
  };
}

function componentFindings(components: readonly ComponentReport[], { now }: ExaminedNode): Finding[] {
  return componentProblems(components.map(componentStatus), now).map(({ text, remedy, about = "" }) => {
    const report = components.find(({ name }) => name === about);
    return {
      link: "processes",
      about,
      what: redacted(text),
      evidence: evidenceOf(report),
      remedy: remedy ?? `\`k0s logs ${logNameOf(report)}\` says more`,
      explains: reachOf(about),
    };
  });
}

const logged: ReadonlySet<string> = new Set(componentNamesOf([...controllerRole, ...workerRole]));

/**
 * Under which name the log has more of it: one without a process that only waits has said nothing under its own, and of parts of
 * k0s that no role declares k0s speaks itself.
 */
function logNameOf(report: ComponentReport | undefined): string {
  if (report === undefined || !logged.has(report.name)) return ownComponent;
  const { name, state, pid, restarts } = report;
  const hasSpoken =
    pid !== undefined || restarts > 0 || ["backing-off", "failed", "unhealthy"].includes(state);
  return hasSpoken ? name : ownComponent;
}

const shownLines = 3;

function evidenceOf(report: ComponentReport | undefined): string[] {
  if (report === undefined) return [];
  const { state, restarts, lastExit, lastError, lastOutput = [], waitingFor } = report;
  return [
    `state ${state} since ${report.since}, ${restarts} ${restarts === 1 ? "restart" : "restarts"}`,
    ...(lastExit === undefined ? [] : [`its process ${lastExit}`]),
    ...(lastError === undefined || lastError === lastExit ? [] : [redacted(oneLine(lastError))]),
    ...(waitingFor === undefined ? [] : [`it waits for ${waitingFor}`]),
    ...lastOutput.slice(-shownLines).map((line) => `output: ${redacted(oneLine(line))}`),
  ];
}

/** Parts of k0s itself, and what only waits, follow from the programs that are down. */
function withExplained(findings: readonly Finding[], components: readonly ComponentReport[]): Finding[] {
  const waits = (about: string | undefined): boolean =>
    components.some(
      ({ name, state }) => name === about && !["backing-off", "failed", "unhealthy", "ready"].includes(state),
    );
  const principal = findings.filter(({ about }) => isPrincipal(about ?? "") && !waits(about));
  const minor: readonly Explained[] = findings
    .filter((finding) => !principal.includes(finding))
    .flatMap(({ about }) => (about === undefined ? [] : [{ link: "processes" as const, about }]));
  return findings.map((finding) =>
    principal.includes(finding) ? { ...finding, explains: [...finding.explains, ...minor] } : finding,
  );
}
