// Why helm did not do it, in words for the status of a Chart and its Event: what people ask next is answered where the
// answer is known. Pure.

import { withoutUrlPasswords } from "../../config/without-secrets.ts";

/** What Helm tells of a hook: a member of `hooks` of `helm status -o json`. */
export interface HookReport {
  readonly name?: string;
  readonly kind?: string;
  readonly events?: readonly string[];
  readonly last_run?: { readonly started_at?: string; readonly phase?: string };
}

const longest = 1_000;

/** Why a release could not be deleted: helm tells it with --debug alone. */
const whyNotDeleted = /^.*\[debug\] uninstall: Failed to delete release: \[([\s\S]*?)\]$/m;
/** Why a repository could not be read: helm tells it on stdout. */
const whyNotUpdated = /^\.\.\.Unable to get an update from .*:\n\s+(.*)$/m;
/** Where, with --debug, the calls begin that led to the error. */
const calls = /^helm\.go:\d+: .*\[debug\]/m;

/** What helm has printed. */
export interface HelmOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** Its error as others may see it: without warnings, passwords and the word Error. `names`: what people call files of k0s' own. */
export function shownError(
  { stdout, stderr }: HelmOutput,
  secrets: readonly string[],
  names: ReadonlyMap<string, string> = new Map(),
): string {
  const [told = ""] = stderr.split(calls);
  const why = whyNotDeleted.exec(told)?.[1] ?? whyNotUpdated.exec(stdout)?.[1];
  const lines = told
    .replace(whyNotDeleted, "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !/^(WARNING|W\d{4}|I\d{4}|coalesce\.go|level=)|\[debug\]/.test(line));
  const error = lines.join(" ").replace(/^Error: /, "");
  const said = withoutUrlPasswords(why === undefined ? error : `${error}: ${why.replaceAll(/\s+/g, " ")}`);
  const text = [...names].reduce((named, [path, name]) => named.replaceAll(path, name), said);
  const hidden = secrets
    .filter((secret) => secret.length > 2)
    .reduce((shown, secret) => shown.replaceAll(secret, "xxxxx"), text);
  return hidden.length > longest ? `${hidden.slice(0, longest)}…` : hidden;
}

/** What is wrong and what to do, with helm's own words behind. */
export function explained(error: string, hooks: readonly HookReport[] = []): string {
  const causes = [...stuckHooks(hooks, error), ...missingKinds(error)];
  return [...causes, error].join(": ");
}

/** Hooks that were begun and have not succeeded. */
function stuckHooks(hooks: readonly HookReport[], error: string): string[] {
  const stuck = hooks.filter(({ last_run: run }) => run?.phase === "Running" || run?.phase === "Failed");
  return stuck.map(({ name = "", kind = "", events = [], last_run: run }) => {
    // Helm calls failed what it has waited for in vain, too.
    const failed = run?.phase === "Failed" && !error.includes("timed out");
    const how = failed ? "has failed" : "did not end in time";
    return `the hook ${kind} ${name} (${events.join(", ")}) ${how}`;
  });
}

/** Kinds that a manifest has and the cluster does not, mostly because their definition was removed. */
function missingKinds(error: string): string[] {
  const kinds = [...error.matchAll(/no matches for kind "([^"]+)" in version "([^"]+)"/g)].map(
    ([, kind, version]) => `${kind} (${version})`,
  );
  if (kinds.length === 0) return [];
  const all = [...new Set(kinds)];
  const [kind, definition] = all.length === 1 ? ["kind", "its definition"] : ["kinds", "their definitions"];
  const list = all.join(", ");
  const release = /current release manifest|for delete|to delete release/.test(error);
  return release
    ? [
        `the release holds objects of ${all.length === 1 ? "a kind" : "kinds"} that the cluster no longer has, ${list}; install ${definition} again`,
      ]
    : [`the cluster has no ${kind} ${list}; install ${definition} first`];
}
