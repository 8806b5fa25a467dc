// What a controller starts: its programs, then the list of its role (src/roles/controller.ts).

import type { ControllerFacts } from "../../components/controller-facts.ts";
import { etcdDeclaration } from "../../components/etcd/declaration.ts";
import { kineDeclaration } from "../../components/kine/declaration.ts";
import {
  controlPlanePrograms,
  datastoreProgram,
  type StagedPrograms,
  stagedPrograms,
  type StagingFacts,
} from "../../components/staging.ts";
import { componentsOf } from "../../roles/folds/components.ts";
import { type ControllerParts, controllerRole } from "../../roles/controller.ts";
import { programsOf } from "../../roles/folds/programs.ts";
import type { Component } from "../../supervisor/component.ts";

/** The programs of the control plane, that of the datastore first. `role`: for tests. */
export function controllerPrograms(
  facts: ControllerFacts & StagingFacts,
  role: readonly Parameters<typeof programsOf<ControllerFacts>>[0][number][] = controllerRole,
): StagedPrograms {
  const datastore = programsOf([etcdDeclaration, kineDeclaration], facts);
  const all = programsOf(
    role.filter(({ unpacksItself }) => unpacksItself !== true),
    facts,
  );
  const programs = all.filter((name) => !datastore.includes(name));
  return stagedPrograms(facts, [
    ...(datastore.length === 0 ? [] : [{ ...datastoreProgram, programs: datastore }]),
    { ...controlPlanePrograms, programs },
  ]);
}

/** `role`: for tests. */
export async function controllerComponents(
  node: ControllerParts,
  role = controllerRole,
  programs = controllerPrograms(node, role),
): Promise<readonly Component[]> {
  return [...programs.components, ...(await componentsOf(role, node, node))];
}
