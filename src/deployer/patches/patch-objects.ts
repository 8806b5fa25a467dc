// Patches of the configuration, applied to the objects of an add-on before they are written.
// Upstream: pkg/apis/k0s/v1beta1/patches.go.

import type { ClusterConfig } from "../../config/cluster-config.ts";
import type { KubeObject } from "../../kube/types.ts";
import { errorMessage, UserError } from "../../std/errors.ts";
import { parseYaml } from "../../std/yaml.ts";
import { jsonPatch } from "./json-patch.ts";
import { isMapping } from "../../std/mapping.ts";
import { fieldsOf } from "./merge-keys.ts";
import { mergePatch } from "./merge-patch.ts";
import { strategicMerge } from "./strategic-merge.ts";

/** Code of the UserError about a patch that cannot be applied. */
export const unfitPatch = "patch-not-applicable";

export type Patches = ClusterConfig["spec"]["metricsServer"]["patches"];
type Patch = Patches[number];

/** Patches with the field of k0s.yaml that they stand in, for what is said of them. */
export interface PatchList {
  readonly path: string;
  readonly patches: Patches;
}

/** In order, each on every object that it names; an object that none names stays the same value. */
export function patchObjects(
  objects: readonly KubeObject[],
  { path, patches }: PatchList,
): readonly KubeObject[] {
  let patched = objects;
  for (const [index, patch] of patches.entries()) {
    patched = patched.map((object) =>
      isTarget(object, patch.target) ? onePatched(object, patch, `${path}[${index}]`) : object,
    );
  }
  return patched;
}

/** Patches that name none of the objects, as `spec.network.coreDNS.patches[0] (Deployment nothing)`. */
export function idlePatches(objects: readonly KubeObject[], { path, patches }: PatchList): string[] {
  return patches.flatMap((patch, index) =>
    objects.some((object) => isTarget(object, patch.target)) ? [] : [patchName(path, index, patch)],
  );
}

/** What is said of them in the status of a stack. */
export function idleNotes(idle: readonly string[]): string[] {
  return idle.map((patch) => `${patch} names no object of what it patches, and changes nothing`);
}

export function patchName(path: string, index: number, { target }: Pick<Patch, "target">): string {
  return `${path}[${index}] (${target.kind} ${target.name})`;
}

export function isTarget({ kind, metadata }: KubeObject, target: Patch["target"]): boolean {
  const { namespace = metadata.namespace } = target;
  return kind === target.kind && metadata.name === target.name && metadata.namespace === namespace;
}

function onePatched(object: KubeObject, { patch }: Patch, path: string): KubeObject {
  const { kind, metadata } = object;
  try {
    const patched = applied(object, patch);
    if (isKubeObject(patched)) return patched;
    throw new UserError("what is left is not an object with apiVersion, kind and metadata.name");
  } catch (err) {
    if (!(err instanceof UserError)) throw err;
    const target = `${kind} ${metadata.name ?? ""}`;
    throw new UserError(`${path} cannot be applied to ${target}: ${errorMessage(err)}`, {
      code: unfitPatch,
      hint: "Change the patch in the configuration, or leave it out.",
      cause: err,
    });
  }
}

function applied(object: KubeObject, { type, content }: Patch["patch"]): unknown {
  const patch = parseYaml(content, { source: "patch" }) ?? {};
  if (type === "JSON") return jsonPatch(object, patch);
  if (!isMapping(patch)) throw new UserError("the patch must hold a YAML mapping");
  if (type === "MergePatch") return mergePatch(object, patch);
  const fields = fieldsOf(object);
  if (fields === undefined)
    throw new UserError(
      `a StrategicMergePatch works on Kubernetes' own kinds only, not on ${object.apiVersion}; use MergePatch or JSON`,
    );
  return strategicMerge(object, patch, fields);
}

function isKubeObject(value: unknown): value is KubeObject {
  if (!isMapping(value) || !isMapping(value["metadata"])) return false;
  return [value["apiVersion"], value["kind"], value["metadata"]["name"]].every(
    (text) => typeof text === "string" && text !== "",
  );
}
