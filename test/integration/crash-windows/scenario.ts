// An operation that is killed at each of its changes of files, each time in a directory of its own, and then done again by
// nobody's hand: it must end as if nothing had happened.

import { chmod, cp, lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { killedAt } from "../../harness/crash-points.ts";

export interface Scenario {
  readonly name: string;
  /** What is there before: made once, and copied for each try. */
  prepare?(dir: string): Promise<void>;
  /** As k0s does it, from the checks before a start to the end. */
  run(dir: string): Promise<void>;
  /** Makes names equal that differ each time. */
  readonly normalize?: (path: string) => string;
}

export interface Outcome {
  readonly scenario: string;
  /** How many changes of files the operation makes. */
  readonly changes: number;
  /** What went wrong, and at which change it was killed. */
  readonly failures: readonly string[];
}

/** Where everything happens: certificates and kubeconfigs hold no paths that would differ. */
const place = "work";

export async function killAtEveryChange(scenario: Scenario): Promise<Outcome> {
  const base = await mkdtemp(join(tmpdir(), "k0s-crash-"));
  await chmod(base, 0o755);
  const failures: string[] = [];
  try {
    await mkdir(join(base, "start"));
    await scenario.prepare?.(join(base, "start"));
    const whole = await undisturbed(scenario, base);
    for (let at = 1; at <= whole.changes; at++) {
      const problem = await killedOnce(scenario, base, at, whole.shapes).catch((err: unknown) => String(err));
      if (problem !== undefined) failures.push(`change ${at} of ${whole.changes}: ${problem}`);
    }
    return { scenario: scenario.name, changes: whole.changes, failures };
  } finally {
    await rm(base, { recursive: true, force: true });
  }
}

async function undisturbed(scenario: Scenario, base: string): Promise<{ changes: number; shapes: string }> {
  const dir = await fresh(base);
  const { changes } = await killedAt(Number.POSITIVE_INFINITY, () => scenario.run(dir));
  return { changes, shapes: shapesOf(await treeOf(dir), scenario) };
}

async function killedOnce(
  scenario: Scenario,
  base: string,
  at: number,
  wanted: string,
): Promise<string | undefined> {
  const dir = await fresh(base);
  await killedAt(at, () => scenario.run(dir));
  await scenario.run(dir);
  const tree = await treeOf(dir);
  const shapes = shapesOf(tree, scenario);
  if (shapes !== wanted) return `other files than without the kill: ${difference(wanted, shapes)}`;
  // What fits together is kept: a further start finds nothing to do.
  await scenario.run(dir);
  const changed = [...(await treeOf(dir))].filter(
    ([path, entry]) => tree.get(path)?.content !== entry.content,
  );
  return changed.length === 0
    ? undefined
    : `the next run changes ${changed.map(([path]) => path).join(", ")}`;
}

async function fresh(base: string): Promise<string> {
  const dir = join(base, place);
  await rm(dir, { recursive: true, force: true });
  await cp(join(base, "start"), dir, { recursive: true, preserveTimestamps: true });
  return dir;
}

interface Entry {
  /** Kind, mode and owner. */
  readonly shape: string;
  readonly content: string;
}

async function treeOf(dir: string): Promise<ReadonlyMap<string, Entry>> {
  const tree = new Map<string, Entry>();
  for (const path of (await readdir(dir, { recursive: true })).sort()) {
    const full = join(dir, path);
    const info = await lstat(full);
    const owner = `${(info.mode & 0o7777).toString(8)} ${info.uid}:${info.gid}`;
    if (info.isSymbolicLink()) tree.set(path, { shape: "link", content: await readlink(full) });
    else if (info.isDirectory()) tree.set(path, { shape: `directory ${owner}`, content: "" });
    else tree.set(path, { shape: `file ${owner}`, content: await readFile(full, "utf8") });
  }
  return tree;
}

function shapesOf(tree: ReadonlyMap<string, Entry>, { normalize = (path) => path }: Scenario): string {
  return [...new Set([...tree].map(([path, { shape }]) => `${normalize(path)}: ${shape}`))].join("\n");
}

function difference(wanted: string, found: string): string {
  const [should, is] = [wanted.split("\n"), found.split("\n")];
  const missing = should.filter((line) => !is.includes(line)).map((line) => `-${line}`);
  return [...missing, ...is.filter((line) => !should.includes(line)).map((line) => `+${line}`)].join("; ");
}
