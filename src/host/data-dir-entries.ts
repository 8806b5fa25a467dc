// What k0s and its programs make in their own directories: the only entries that `reset` deletes there.

import { recordFileName } from "../config/installation-record.ts";
import { controllerRole } from "../roles/controller.ts";
import { dataContentOf, dataEntriesOf, mountedBy } from "../roles/folds/traces.ts";
import { workerRole } from "../roles/worker.ts";

/** What is nobody's in particular: programs, tools, and what upstream's k0s keeps of Helm. */
const shared = {
  dataEntries: ["bin", "helmhome", "host-tools", "log", "run", "runtime"],
  dataMounts: /^run\//,
  name: "k0s",
};
const all = [shared, ...controllerRole, ...workerRole];

/** Of the data directory; the record is last because it proves the rest. */
export const dataDirEntries: readonly string[] = [...dataEntriesOf(all), recordFileName];

/** The directories that k0s' programs make in its directories, by their paths; and the files, where directories hold these. */
export const dataDirContent = dataContentOf(all, "dataContent");
export const dataDirFiles = dataContentOf(all, "dataFiles");
/** Whether k0s' programs mount something at a path of it. */
export const isOfPrograms = mountedBy(all);

/** What an operator, or a tool that installs k0s, puts into a data directory before the first start. */
export const seedEntries: readonly string[] = ["images", "manifests", "pki", "runtime", "lost+found"];

/** Parts of a write that was cut off: `.<name>.<pid>.<random>.tmp` of atomic writes, `.k0s-tmp-<name>-<random>` of staging. */
export const unfinishedName = /^\.(?:k0s-tmp-.+|(?<name>.+)\.\d+\.[0-9a-f]{8}\.tmp)$/;

/** Divides the names in a directory; the order of `known` is kept. */
export function divideEntries(
  present: readonly string[],
  known: readonly string[],
): { readonly ours: readonly string[]; readonly others: readonly string[] } {
  const halves = present.filter((name) => isUnfinished(name, known));
  const ours = [...halves, ...known.filter((name) => present.includes(name))];
  return { ours, others: present.filter((name) => !ours.includes(name)).toSorted() };
}

function isUnfinished(name: string, known: readonly string[]): boolean {
  const match = unfinishedName.exec(name);
  return match !== null && (match.groups?.["name"] === undefined || known.includes(match.groups["name"]));
}
