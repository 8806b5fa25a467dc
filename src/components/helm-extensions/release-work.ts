// One step of the work on a release: helm is run, and the status of the Chart says what came of it.

import type { KubeClient } from "../../kube/client.ts";
import { errorMessage } from "../../std/errors.ts";
import type { Logger } from "../../std/log.ts";
import { secretsOf } from "./access.ts";
import {
  installArguments,
  metadataArguments,
  rollbackArguments,
  statusArguments,
  uninstallArguments,
  upgradeArguments,
} from "./arguments.ts";
import type { BundledCharts } from "./bundled-charts.ts";
import { type Chart, type ReleaseRef, timeoutOf, valuesPlace, wantedRelease } from "./chart.ts";
import { reportChart } from "./chart-event.ts";
import { originOf } from "./chart-origin.ts";
import {
  begunStatus,
  deployedStatus,
  forgottenStatus,
  type ReleaseMetadata,
  writeStatus,
} from "./chart-status.ts";
import { explained, type HookReport } from "./failure.ts";
import { fetchChart } from "./fetch-chart.ts";
import { type Helm, HelmError } from "./helm.ts";
import type { Step } from "./plan.ts";
import { goodRevision, isPending, readRevisions } from "./release.ts";
import type { GivenValues } from "./given-values.ts";
import { createWorkspace, type Workspace } from "./workspace.ts";

export interface ReleaseEffects {
  readonly client: KubeClient;
  readonly helm: Helm;
  /** Asked before helm is started: throws when this controller does not lead any more. */
  readonly assertTerm: () => void;
  readonly bundles: BundledCharts;
  readonly kubeconfig: string;
  /** Where the private directories are made. */
  readonly workDir: string;
  readonly log: Logger;
}

export class ReleaseFailure extends Error {
  override readonly name = "ReleaseFailure";
  readonly reason: "InstallationFailed" | "UpgradeFailed" | "UninstallationFailed";
  /** The release has been changed, or changed back: the next try is not for soon. */
  readonly touched: boolean;

  constructor(reason: ReleaseFailure["reason"], message: string, cause: unknown, touched = true) {
    super(message, { cause });
    this.reason = reason;
    this.touched = touched;
  }
}

/** helm waits for several things, each as long as it may; a helm that takes longer than that hangs. */
const limitFor = (timeoutMs: number): number => 5 * timeoutMs + 120_000;
const questionMs = 60_000;

interface Session {
  readonly effects: ReleaseEffects;
  readonly workspace: Workspace;
  readonly secrets: readonly string[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

async function helm(
  { effects, workspace, secrets, signal }: Session,
  args: readonly string[],
  limitMs: number,
): Promise<string> {
  effects.assertTerm();
  return effects.helm.run({ args, workspace, secrets, limitMs }, signal);
}

/** Runs what changes a release; what helm says becomes one sentence. */
async function change(session: Session, args: readonly string[]): Promise<void> {
  await helm(session, args, limitFor(session.timeoutMs));
}

type Deployment = Extract<Step, { step: "install" | "upgrade" }>;

/** Returns the Chart with its new status. */
export async function deploy(
  effects: ReleaseEffects,
  chart: Chart,
  step: Deployment,
  given: Omit<GivenValues, "hash"> & { readonly hash?: string },
  signal: AbortSignal,
): Promise<Chart> {
  const { client, log } = effects;
  const spec = chart.spec ?? {};
  const release = wantedRelease(chart);
  const timeoutMs = timeoutOf(spec);
  const origin = await originOf(client, chart, signal);
  const content = {
    ...origin,
    values: [...given.texts, { name: valuesPlace(chart), text: spec.values ?? "" }],
  };
  await using workspace = await createWorkspace(effects.workDir, effects.kubeconfig, content);
  const secrets = [...secretsOf(origin.access), ...given.secrets];
  const session = { effects, workspace, secrets, timeoutMs, signal };
  const archive = await fetchChart(origin, spec.version ?? "", {
    workspace,
    bundles: effects.bundles,
    helm: (args) => helm(session, args, limitFor(timeoutMs)),
    signal,
  });
  const before = await readRevisions(client, release, signal);
  const revision = (before.at(-1)?.revision ?? 0) + 1;
  await writeStatus(client, chart, begunStatus(release, revision), signal);
  const options = { archive, timeoutMs, files: workspace.files };
  const force = spec.forceUpgrade !== false;
  const fields = { release: release.name, namespace: release.namespace, revision };
  log.info(step.step === "install" ? "Installing a Helm release" : "Upgrading a Helm release", fields);
  try {
    await change(
      session,
      step.step === "install"
        ? installArguments(release, { ...options, replace: step.replace })
        : upgradeArguments(release, { ...options, force }),
    );
  } catch (err) {
    if (!(err instanceof HelmError)) throw err;
    throw await undo(session, { chart, release, step, revision, force }, err);
  }
  const made = await metadataOf(session, release);
  const next = await writeStatus(
    client,
    chart,
    deployedStatus(chart, release, made, given.hash ?? ""),
    signal,
  );
  const version = `${release.namespace}/${release.name}, version ${made.version ?? ""}, revision ${made.revision ?? ""}`;
  log.info(step.step === "install" ? "Installed a Helm release" : "Upgraded a Helm release", {
    ...fields,
    version: made.version,
  });
  const reason = step.step === "install" ? "Installed" : "Upgraded";
  await reportChart(client, chart, { type: "Normal", reason, message: version }, log);
  return next;
}

interface Failed {
  readonly chart: Chart;
  readonly release: ReleaseRef;
  readonly step: Deployment;
  /** That helm was to make. */
  readonly revision: number;
  readonly force: boolean;
}

/** helm's words when somebody else's has begun a moment before: the newest revision is theirs, and not to be taken back. */
const refusal =
  /cannot re-use a name that is still in use|another operation \(install\/upgrade\/rollback\) is in progress/;

/** Takes back what a deployment that failed has done; returns what to tell of it. */
async function undo(session: Session, failed: Failed, err: HelmError): Promise<Error> {
  const { effects, signal } = session;
  const { release, step, revision, chart } = failed;
  const revisions = await readRevisions(effects.client, release, signal);
  const last = revisions.at(-1);
  const install = step.step === "install";
  const reason = install ? "InstallationFailed" : "UpgradeFailed";
  if (last === undefined || last.revision < revision || refusal.test(err.message)) {
    await writeStatus(effects.client, chart, { operation: null }, signal);
    return new ReleaseFailure(
      reason,
      `${install ? "the installation" : "the upgrade"} failed and has changed nothing: ${explained(err.message)}`,
      err,
      false,
    );
  }
  const why = explained(err.message, await hooksOf(session, release, last.revision));
  const back = goodRevision(revisions);
  const what = install ? "the installation" : `the upgrade to revision ${revision}`;
  const remedy = back === undefined ? "uninstalled" : `rolled back to revision ${back}`;
  try {
    await (back === undefined
      ? change(session, uninstallArguments(release, { ...session, files: session.workspace.files }))
      : rollBack(session, release, { to: back, wait: true, force: failed.force }));
  } catch (undoing) {
    if (!(undoing instanceof HelmError)) throw undoing;
    const also = explained(undoing.message);
    return new ReleaseFailure(reason, `${what} failed: ${why}; it could not be ${remedy}: ${also}`, undoing);
  }
  await settle(effects, chart, release, signal);
  return new ReleaseFailure(reason, `${what} failed and was ${remedy}: ${why}`, err);
}

/** Notes the revision that is there now, and that nothing is under way. */
async function settle(
  { client }: ReleaseEffects,
  chart: Chart,
  release: ReleaseRef,
  signal: AbortSignal,
): Promise<Chart> {
  const last = (await readRevisions(client, release, signal)).at(-1);
  // It is still needed to know the rest as our own.
  if (last !== undefined && isPending(last)) return chart;
  const now = last === undefined ? {} : { revision: last.revision, status: last.status };
  return writeStatus(client, chart, { ...now, operation: null }, signal);
}

async function rollBack(
  session: Session,
  release: ReleaseRef,
  { to, wait, force }: { to: number; wait: boolean; force: boolean },
): Promise<void> {
  const { timeoutMs, workspace } = session;
  await change(session, rollbackArguments(release, { to, wait, force, timeoutMs, files: workspace.files }));
}

/** Brings a release that was left in the middle back to the last revision that worked. */
export async function heal(
  effects: ReleaseEffects,
  chart: Chart,
  { back, unfinished }: Extract<Step, { step: "heal" }>,
  secrets: readonly string[],
  signal: AbortSignal,
): Promise<Chart> {
  const release = wantedRelease(chart);
  const { name, namespace } = release;
  const fields = { release: name, namespace, unfinished, back };
  effects.log.warn("A Helm release was left in the middle and is rolled back", fields);
  await using workspace = await createWorkspace(effects.workDir, effects.kubeconfig);
  const session = { effects, workspace, secrets, timeoutMs: timeoutOf(chart.spec ?? {}), signal };
  const begun = await writeStatus(effects.client, chart, begunStatus(release, unfinished), signal);
  const force = chart.spec?.forceUpgrade !== false;
  try {
    await rollBack(session, release, { to: back, wait: false, force });
  } catch (err) {
    if (!(err instanceof HelmError)) throw err;
    const text = `revision ${unfinished} was left in the middle, and could not be rolled back to ${back}: ${explained(err.message)}`;
    throw new ReleaseFailure("UpgradeFailed", text, err);
  }
  const message = `revision ${unfinished} of ${namespace}/${name} was left in the middle and is rolled back to revision ${back}`;
  await reportChart(effects.client, chart, { type: "Warning", reason: "Healed", message }, effects.log);
  return settle(effects, begun, release, signal);
}

/** Takes a release away, and what the Chart knows of it. */
export async function uninstall(
  effects: ReleaseEffects,
  chart: Chart,
  release: ReleaseRef,
  { why }: Pick<Extract<Step, { step: "uninstall" }>, "why">,
  secrets: readonly string[],
  signal: AbortSignal,
): Promise<Chart> {
  const { client, log } = effects;
  log.info("Uninstalling a Helm release", { release: release.name, namespace: release.namespace, why });
  await using workspace = await createWorkspace(effects.workDir, effects.kubeconfig);
  const timeoutMs = timeoutOf(chart.spec ?? {});
  const session = { effects, workspace, secrets, timeoutMs, signal };
  await writeStatus(client, chart, begunStatus(release, 0), signal);
  try {
    await change(session, uninstallArguments(release, { timeoutMs, files: workspace.files }));
  } catch (err) {
    if (!(err instanceof HelmError)) throw err;
    const last = (await readRevisions(client, release, signal)).at(-1);
    const hooks = last === undefined ? [] : await hooksOf(session, release, last.revision);
    const text = `the release ${release.namespace}/${release.name} cannot be uninstalled: ${explained(err.message, hooks)}`;
    throw new ReleaseFailure("UninstallationFailed", text, err);
  }
  const message = `${release.namespace}/${release.name} (${why})`;
  await reportChart(client, chart, { type: "Normal", reason: "Uninstalled", message }, log);
  return writeStatus(client, chart, forgottenStatus, signal);
}

async function metadataOf(session: Session, release: ReleaseRef): Promise<ReleaseMetadata> {
  const { files } = session.workspace;
  return JSON.parse(await helm(session, metadataArguments(release, files), questionMs)) as ReleaseMetadata;
}

/** What is not known of them does not hide why the deployment failed. */
async function hooksOf(
  session: Session,
  release: ReleaseRef,
  revision: number,
): Promise<readonly HookReport[]> {
  try {
    const { files } = session.workspace;
    const text = await helm(session, statusArguments(release, revision, files), questionMs);
    return (JSON.parse(text) as { readonly hooks?: readonly HookReport[] }).hooks ?? [];
  } catch (err) {
    if (!(err instanceof HelmError)) throw err;
    session.effects.log.debug("Cannot ask for the hooks of a Helm release", { err: errorMessage(err) });
    return [];
  }
}
