// How a check of the CIS benchmark is looked at on a running node, and what it then says. Pure: what is there was collected before
// (facts.ts).

import type { CisFacts, FileFact } from "./facts.ts";

/** What a value has to be. Undefined: it is not there. */
export interface Want {
  /** Behind what is looked at: `is false`. */
  readonly text: string;
  readonly holds: (value: string | undefined) => boolean;
}

export type Look =
  | { readonly by: "argument"; readonly of: CisProcess; readonly flag: string; readonly want: Want }
  | { readonly by: "kubelet" | "kube-proxy"; readonly field: string; readonly want: Want }
  | {
      readonly by: "files";
      readonly files: string;
      readonly most?: number;
      readonly owner?: string;
    }
  | { readonly by: "no file"; readonly path: string }
  | { readonly by: "text"; readonly file: string; readonly pattern: RegExp; readonly says: string }
  | { readonly by: "pod"; readonly pod: string }
  | { readonly by: "question"; readonly question: string; readonly want: Want };

export type CisProcess = "kube-apiserver" | "kube-controller-manager" | "kube-scheduler" | "etcd" | "kubelet";

export interface CisCheck {
  readonly id: string;
  /** In our words. */
  readonly about: string;
  /** All of them have to hold; none: it is a question of what runs in the cluster. */
  readonly looks: readonly Look[];
  /** Why it does not hold, and what can be done. */
  readonly open?: string;
  /** It stays open although what is looked at is as it should be. */
  readonly partly?: true;
}

/** Whether everything that is looked at is as the benchmark wants it. */
export function holds(looks: readonly Look[], facts: CisFacts): boolean {
  return looks.every((look) => lookHolds(look, facts));
}

function lookHolds(look: Look, facts: CisFacts): boolean {
  switch (look.by) {
    case "argument":
      return look.want.holds(facts.arguments.get(look.of)?.get(look.flag));
    case "kubelet":
      return look.want.holds(fieldOf(facts.kubelet, look.field));
    case "kube-proxy":
      return look.want.holds(fieldOf(facts.kubeProxy, look.field));
    case "files": {
      const found = facts.files.filter(({ path }) => matches(path, look.files));
      return found.length > 0 && found.every((file) => fileHolds(file, look));
    }
    case "no file":
      return !facts.files.some(({ path }) => path === look.path);
    case "text":
      return look.pattern.test(facts.texts.get(look.file) ?? "");
    case "pod":
      return facts.refusedPods.has(look.pod);
    case "question":
      return look.want.holds(facts.answers.get(look.question));
  }
}

function fileHolds(
  { mode, owner }: FileFact,
  look: { readonly most?: number; readonly owner?: string },
): boolean {
  return (
    (look.most === undefined || (mode & ~look.most) === 0) &&
    (look.owner === undefined || owner === look.owner)
  );
}

/** `*` stands for any part of one name, `**` for any number of directories. */
export function matches(path: string, glob: string): boolean {
  return new Bun.Glob(glob).match(path);
}

/** `authentication.anonymous.enabled`; lists are joined with commas. */
export function fieldOf(config: Readonly<Record<string, unknown>>, field: string): string | undefined {
  let value: unknown = config;
  for (const part of field.split("."))
    value =
      typeof value === "object" && value !== null ? (value as Record<string, unknown>)[part] : undefined;
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return value.join(",");
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** In words, for docs/hardening.md. */
export function lookText(look: Look): string {
  switch (look.by) {
    case "argument":
      return `\`--${look.flag}\` of ${look.of} ${look.want.text}`;
    case "kubelet":
    case "kube-proxy":
      return `\`${look.field}\` of ${look.by} ${look.want.text}`;
    case "files": {
      const mode = look.most === undefined ? [] : [`mode 0${look.most.toString(8)} or less`];
      const owner = look.owner === undefined ? [] : [`owner ${look.owner}`];
      return `\`${look.files}\`: ${[...mode, ...owner].join(", ")}`;
    }
    case "no file":
      return `there is no \`${look.path}\``;
    case "text":
      return `\`${look.file}\` ${look.says}`;
    case "pod":
      return `a pod with ${look.pod} is refused`;
    case "question":
      return `${look.question}: ${look.want.text}`;
  }
}
