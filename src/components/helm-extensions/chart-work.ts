// All that is to be done for one Chart: looks and steps, until nothing is left.

import { isNotFoundError } from "../../kube/errors.ts";
import { refOf } from "../../kube/types.ts";
import { errorMessage, UserError } from "../../std/errors.ts";
import { isReleaseName } from "../../config/schema/names.ts";
import { type Chart, chartFinalizer, isLeaving, type ReleaseRef, wantedRelease } from "./chart.ts";
import { type ChartReport, reportChart } from "./chart-event.ts";
import { forgottenStatus, writeStatus } from "./chart-status.ts";
import { givenSecrets, type GivenValues, givenValues } from "./given-values.ts";
import { HelmError } from "./helm.ts";
import { hasWork, nextStep, releaseInQuestion } from "./plan.ts";
import { readRevisions } from "./release.ts";
import { deploy, heal, type ReleaseEffects, ReleaseFailure, uninstall } from "./release-work.ts";

export type Outcome =
  | { readonly outcome: "done" }
  /** Somebody else is at work with the release, or the Chart has changed. */
  | { readonly outcome: "wait"; readonly ms: number }
  /** `gently`: the release was touched. */
  | { readonly outcome: "failed"; readonly gently: boolean; readonly err: unknown };

/** More than that is going in circles. */
const mostSteps = 8;

/** The other Chart that a release belongs to, if it does. */
export type OtherHolder = (chart: Chart, release: ReleaseRef) => Chart | undefined;

/** The release that a Chart asks for is another one's. */
class ReleaseTaken extends UserError {}

/** Rejects only when the signal aborts; a failure is in the status of the Chart, in an Event and in the log. */
export async function workOn(
  effects: ReleaseEffects,
  chart: Chart,
  otherHolder: OtherHolder,
  signal: AbortSignal,
): Promise<Outcome> {
  try {
    return await stepByStep(effects, chart, otherHolder, signal);
  } catch (err) {
    signal.throwIfAborted();
    // The Chart has gone meanwhile.
    if (isNotFoundError(err) && (await effects.client.find<Chart>(refOf(chart), { signal })) === undefined)
      return { outcome: "done" };
    const gently = err instanceof ReleaseFailure && err.touched;
    await tell(effects, chart, err, signal);
    return { outcome: "failed", gently, err };
  }
}

async function stepByStep(
  effects: ReleaseEffects,
  seen: Chart,
  otherHolder: OtherHolder,
  signal: AbortSignal,
): Promise<Outcome> {
  // What is followed lags behind: by what was done a moment ago it would be done once more.
  let chart = await effects.client.get<Chart>(refOf(seen), { signal });
  for (let steps = 0; steps < mostSteps; steps++) {
    // Whether it is its turn with what it says by now is decided again: of a new configuration one before it may not be done.
    if (!isSame(chart, seen)) return { outcome: "wait", ms: changedMs };
    refuseTaken(chart, otherHolder);
    const given = await valuesNow(effects, chart, signal);
    if (!hasWork(chart, given.hash)) return done(given);
    const release = releaseInQuestion(chart);
    refuseBadName(chart);
    const others = release !== undefined && otherHolder(chart, release) !== undefined;
    const mine = release === undefined || others ? [] : await readRevisions(effects.client, release, signal);
    const step = nextStep(chart, mine, Date.now(), given.hash);
    switch (step.step) {
      case "nothing":
        await writeStatus(effects.client, chart, { operation: null }, signal);
        return done(given);
      case "let-go":
        await letGo(effects, chart, signal);
        return { outcome: "done" };
      case "wait": {
        const { ms, revision } = step;
        const message = `somebody else's helm is at work on revision ${revision}`;
        const report = { type: "Normal", reason: "Waiting", message } as const;
        await reportChart(effects.client, chart, report, effects.log);
        return { outcome: "wait", ms };
      }
      case "forget":
        chart = await writeStatus(effects.client, chart, forgottenStatus, signal);
        break;
      case "uninstall":
        if (release === undefined) throw new Error("there is no release to uninstall");
        chart = await uninstall(effects, chart, release, step, given.secrets, signal);
        break;
      case "heal":
        chart = await heal(effects, chart, step, given.secrets, signal);
        break;
      case "install":
      case "upgrade":
        if (given.missing !== undefined) throw given.missing;
        chart = await deploy(effects, chart, step, given, signal);
        break;
    }
  }
  throw new Error("the work on a release does not come to an end");
}

/** What is followed shows the change sooner than that. */
const changedMs = 1_000;

function isSame({ metadata: one }: Chart, { metadata: other }: Chart): boolean {
  return one.uid === other.uid && one.generation === other.generation;
}

/** Without a hash when one of them is missing: then the release is left as it is, but for what a crash has left of it. */
type ValuesNow = Omit<GivenValues, "hash"> & { readonly hash?: string; readonly missing?: UserError };

async function valuesNow({ client }: ReleaseEffects, chart: Chart, signal: AbortSignal): Promise<ValuesNow> {
  // What helm says while it takes a release back or away may repeat them, too.
  const onlySecrets = async () => ({ texts: [], secrets: await givenSecrets(client, chart, signal) });
  if (isLeaving(chart)) return onlySecrets();
  try {
    return await givenValues(client, chart, signal);
  } catch (err) {
    if (!(err instanceof UserError)) throw err;
    return { ...(await onlySecrets()), missing: err };
  }
}

function done({ missing }: ValuesNow): Outcome {
  if (missing !== undefined) throw missing;
  return { outcome: "done" };
}

function refuseTaken(chart: Chart, otherHolder: OtherHolder): void {
  if (isLeaving(chart)) return;
  const { name, namespace } = wantedRelease(chart);
  const holder = otherHolder(chart, { name, namespace });
  if (holder === undefined) return;
  const other = holder.metadata.name ?? "";
  throw new ReleaseTaken(
    `the release ${namespace}/${name} is that of the Chart ${other}; give this one another releaseName, or delete one of them`,
  );
}

/** A name that helm refuses, or takes for an option. */
function refuseBadName(chart: Chart): void {
  const { name } = wantedRelease(chart);
  if (!isLeaving(chart) && !isReleaseName(name))
    throw new UserError(
      `${JSON.stringify(name)} is not a release name (lower-case DNS name, at most 53 characters)`,
    );
}

/** Refused by the server when the object has changed since: the next look sees the new one. */
async function letGo({ client }: ReleaseEffects, chart: Chart, signal: AbortSignal): Promise<void> {
  const { resourceVersion, finalizers = [] } = chart.metadata;
  const left = finalizers.filter((name) => name !== chartFinalizer);
  await client.patch(refOf(chart), "merge", { metadata: { resourceVersion, finalizers: left } }, { signal });
}

async function tell(effects: ReleaseEffects, chart: Chart, err: unknown, signal: AbortSignal): Promise<void> {
  const { client, log } = effects;
  const message = errorMessage(err);
  const { name, namespace } = wantedRelease(chart);
  const reason = reasonOf(chart, err);
  // It lasts until somebody changes something, and was told.
  if (err instanceof ReleaseTaken && chart.status?.error === message) return;
  log.warn("The work on a Helm release failed and is tried again", {
    release: name,
    namespace,
    err: message,
  });
  await reportChart(client, chart, { type: "Warning", reason, message }, log);
  try {
    await writeStatus(client, chart, { error: message }, signal);
  } catch (writing) {
    signal.throwIfAborted();
    if (!isNotFoundError(writing))
      log.warn("The status of a Chart cannot be written", {
        chart: chart.metadata.name,
        err: errorMessage(writing),
      });
  }
}

function reasonOf(chart: Chart, err: unknown): ChartReport["reason"] {
  if (err instanceof ReleaseTaken) return "ReleaseTaken";
  if (err instanceof ReleaseFailure) return err.reason;
  if (isLeaving(chart)) return "UninstallationFailed";
  const known = err instanceof HelmError || err instanceof UserError;
  return known && (chart.status?.revision ?? 0) > 0 ? "UpgradeFailed" : "InstallationFailed";
}
