// From what each link says to what is told: the first broken link, what follows from it, and what is wrong besides. Pure.

import { type Finding, type LinkName, linkNames, type Verdict } from "./finding.ts";

export interface LinkReport {
  readonly link: LinkName;
  readonly verdict: Verdict;
}

export interface Consequence {
  readonly finding: Finding;
  /** What it follows from, in the end. */
  readonly cause: Finding;
}

export interface LinkState {
  readonly link: LinkName;
  /** `follows`: what is wrong with it comes from another link. */
  readonly state: "well" | "broken" | "follows" | "absent" | "unseen";
  /** Why there is none, or why it could not be looked at. */
  readonly why?: string;
}

export interface Diagnosis {
  readonly links: readonly LinkState[];
  /** Causes, in the order of the chain; the first one is that of the first broken link. Empty when all is well. */
  readonly findings: readonly Finding[];
  readonly consequences: readonly Consequence[];
}

export function diagnose(reports: readonly LinkReport[]): Diagnosis {
  const ordered = reports.toSorted((a, b) => linkNames.indexOf(a.link) - linkNames.indexOf(b.link));
  const found = ordered.flatMap(({ verdict }) => (verdict.state === "broken" ? verdict.findings : []));
  const causes = causesOf(found);
  const roots = found.filter((finding) => causes.get(finding) === undefined);
  return {
    links: ordered.map(({ link, verdict }) => stateOf(link, verdict, roots)),
    findings: roots,
    consequences: found.flatMap((finding) => {
      const cause = causes.get(finding);
      return cause === undefined ? [] : [{ finding, cause }];
    }),
  };
}

/**
 * What each finding follows from in the end. Those that nothing explains are causes; where some explain each other, the first one
 * in the chain is.
 */
function causesOf(found: readonly Finding[]): ReadonlyMap<Finding, Finding> {
  const causes = new Map<Finding, Finding>();
  const placed = new Set<Finding>();
  const place = (finding: Finding, cause: Finding): void => {
    if (placed.has(finding)) return;
    placed.add(finding);
    if (finding !== cause) causes.set(finding, cause);
    for (const other of found) if (doesExplain(finding, other)) place(other, cause);
  };
  const isExplained = (finding: Finding): boolean => found.some((other) => doesExplain(other, finding));
  for (const finding of found) if (!isExplained(finding)) place(finding, finding);
  for (const finding of found) place(finding, finding);
  return causes;
}

export function doesExplain(one: Finding, other: Finding): boolean {
  if (one === other) return false;
  return one.explains.some(
    ({ link, about }) => link === other.link && (about === undefined || about === other.about),
  );
}

function stateOf(link: LinkName, verdict: Verdict, roots: readonly Finding[]): LinkState {
  if (verdict.state === "well") return { link, state: "well" };
  if (verdict.state !== "broken") return { link, state: verdict.state, why: verdict.why };
  return { link, state: verdict.findings.some((one) => roots.includes(one)) ? "broken" : "follows" };
}
