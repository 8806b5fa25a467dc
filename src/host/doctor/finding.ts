// What `k0s doctor` finds: one thing that is wrong, with what shows it and what to do about it, and what else it explains.

/** The links of the chain, each resting on those before it. */
export const linkNames = [
  "host",
  "processes",
  "ports",
  "certificates",
  "datastore",
  "API",
  "tunnel",
  "node",
  "CNI",
  "DNS",
  "system pods",
] as const;

export type LinkName = (typeof linkNames)[number];

export interface Finding {
  readonly link: LinkName;
  /** The component, workload or thing that it is about, by which findings of other links refer to it. */
  readonly about?: string;
  /** What is wrong, as a sentence without a full stop. */
  readonly what: string;
  /** What shows it, each a line. */
  readonly evidence: readonly string[];
  /** What no longer works because of it. */
  readonly effect?: string;
  /** What to do about it. */
  readonly remedy: string;
  /** Findings of these links follow from it. */
  readonly explains: readonly Explained[];
}

export interface Explained {
  readonly link: LinkName;
  /** Only what is about this; absent: all that the link finds. */
  readonly about?: string;
}

export type Verdict =
  | { readonly state: "well" }
  | { readonly state: "broken"; readonly findings: readonly Finding[] }
  /** This node has no such link. */
  | { readonly state: "absent"; readonly why: string }
  /** Something before it keeps it from being looked at. */
  | { readonly state: "unseen"; readonly why: string };

/** Every finding of these links, whatever it is about. */
export function all(...links: readonly LinkName[]): Explained[] {
  return links.map((link) => ({ link }));
}

export function verdictOf(findings: readonly Finding[]): Verdict {
  return findings.length === 0 ? { state: "well" } : { state: "broken", findings };
}
