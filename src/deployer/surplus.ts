// What may become of an object that carries a stack's label but has no manifest any more. Nothing is deleted because it is
// not seen: it takes proof that this k0s made the object from this folder, and that its manifest was really taken away.
// Pure. docs/adr/0042, docs/manifests.md.

import { groupOf } from "../kube/types.ts";
import type { ObjectRef } from "../kube/types.ts";
import { formatDuration } from "../std/duration.ts";
import { objectKey } from "./object-key.ts";
import type { ObservedObject } from "./observed-object.ts";
import { isUndeletable } from "./reserved-stacks.ts";
import { generatedOrigin } from "./stack-labels.ts";

export type Verdict =
  | { readonly verdict: "delete" }
  /** Not now. `ms`: when to look again; without it, something else has to change first. */
  | { readonly verdict: "wait"; readonly why: string; readonly ms?: number }
  | { readonly verdict: "keep"; readonly why: string }
  /** Not worth telling. */
  | { readonly verdict: "ignore" };

export interface GracePeriods {
  /** How long a manifest has to be away, in milliseconds, before its object is deleted. */
  readonly ordinaryMs: number;
  /** The same for what takes other things along, and for all objects of a stack at once. */
  readonly preciousMs: number;
}

/** What speaks for and against deletions in a stack that is read from a folder. */
export interface FolderEvidence {
  /** The origin that objects from folders of this controller carry. */
  readonly origin: string;
  /** k0s writes this stack's files itself. */
  readonly system: boolean;
  /** k0s itself wants all of it gone: no folder is asked. */
  readonly removal: boolean;
  /** The file by which this controller applied an object, or created it without being able to note that. */
  readonly fileOf: (object: ObservedObject) => string | undefined;
  /** File → why it proves nothing that the file yields no objects. */
  readonly doubtfulFiles: ReadonlyMap<string, string>;
  /** Why the folder as a whole proves nothing. */
  readonly doubtfulFolder: string | undefined;
  /** No object is left in a folder that had some. */
  readonly losesAll: boolean;
  /** How long the folder has looked exactly like this. */
  readonly stableForMs: number;
  /** Another stack that has a manifest of this object. */
  readonly claimedBy: (key: string) => string | undefined;
  /** Why it is not known what another stack wants: the object may have moved there. */
  readonly unknownStack: string | undefined;
  readonly grace: GracePeriods;
}

const ignored: Verdict = { verdict: "ignore" };

/** For stacks whose objects come from code: what is not wanted there is really not wanted. */
export function judgeInternal(object: ObservedObject): Verdict {
  if (isNobodysBusiness(object)) return ignored;
  if (isUndeletable(object.ref)) return { verdict: "keep", why: "a namespace of the system" };
  return isGenerated(object) ? { verdict: "delete" } : { verdict: "keep", why: "k0s has not made it" };
}

export function judgeFolder(object: ObservedObject, evidence: FolderEvidence): Verdict {
  if (isNobodysBusiness(object)) return ignored;
  if (isUndeletable(object.ref)) return { verdict: "keep", why: "a namespace of the system" };
  if (evidence.system && evidence.losesAll && !evidence.removal)
    return { verdict: "keep", why: "its manifests are gone, but the cluster needs it" };
  const generated = evidence.system && isGenerated(object);
  const file = evidence.fileOf(object);
  if (!generated) {
    const foreign = whyForeign(object, evidence, file);
    if (foreign !== undefined) return { verdict: "keep", why: foreign };
  }
  const other = evidence.claimedBy(objectKey(object.ref));
  if (other !== undefined) return { verdict: "wait", why: `its manifest is in stack ${other} now` };
  if (evidence.removal) return { verdict: "delete" };
  const doubt = evidence.doubtfulFolder ?? evidence.doubtfulFiles.get(file ?? "");
  if (doubt !== undefined) return { verdict: "wait", why: doubt };
  if (evidence.unknownStack !== undefined)
    return { verdict: "wait", why: `it may have moved: ${evidence.unknownStack}` };
  return afterGrace(object.ref, evidence);
}

/** Deletions take their time: for what others depend on, and for what k0s knows too little about, it is longer. */
export function graceFor(ref: ObjectRef, losesAll: boolean, grace: GracePeriods): number {
  return losesAll || isPrecious(ref) ? grace.preciousMs : grace.ordinaryMs;
}

function afterGrace(ref: ObjectRef, evidence: FolderEvidence): Verdict {
  const needed = graceFor(ref, evidence.losesAll, evidence.grace);
  if (evidence.stableForMs >= needed) return { verdict: "delete" };
  const why = `its manifest is gone, it is deleted if that stays so for ${formatDuration(needed)}`;
  return { verdict: "wait", why, ms: needed - evidence.stableForMs };
}

/** Owned objects go with their owner; their label was only copied from it. */
function isNobodysBusiness({ uid, owned, deleting }: ObservedObject): boolean {
  return uid === "" || owned || deleting;
}

/** Label, mark and name belong together: a copy of the object has another name or another namespace. */
function isGenerated({ ref, origin, labelIsOurs }: ObservedObject): boolean {
  const { kind, name, namespace } = ref;
  const metadata = namespace === undefined ? { name } : { name, namespace };
  return labelIsOurs && origin === generatedOrigin({ apiVersion: ref.apiVersion, kind, metadata });
}

function whyForeign(
  object: ObservedObject,
  { origin }: FolderEvidence,
  file: string | undefined,
): string | undefined {
  if (object.origin === undefined || file === undefined)
    return "it carries the label of the stack, but this controller has not applied it";
  return object.origin === origin
    ? undefined
    : "another controller has applied it last, or this one under another name or machine id, or before an upgrade";
}

/** Groups whose kinds hold no data of their own, but for those named below. */
const replaceableGroups: ReadonlySet<string> = new Set([
  "",
  "admissionregistration.k8s.io",
  "apiregistration.k8s.io",
  "apps",
  "autoscaling",
  "batch",
  "coordination.k8s.io",
  "discovery.k8s.io",
  "flowcontrol.apiserver.k8s.io",
  "networking.k8s.io",
  "node.k8s.io",
  "policy",
  "rbac.authorization.k8s.io",
  "scheduling.k8s.io",
]);
const preciousKinds: ReadonlySet<string> = new Set([
  "Namespace",
  "Node",
  "PersistentVolume",
  "PersistentVolumeClaim",
  "StatefulSet",
]);

/** Custom resources and their definitions, too: a database may depend on one. */
function isPrecious({ apiVersion, kind }: ObjectRef): boolean {
  return preciousKinds.has(kind) || !replaceableGroups.has(groupOf(apiVersion));
}
