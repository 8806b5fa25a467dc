// What a controller starts: its programs, then the list of its role (src/roles/controller.ts).

import { controlPlanePrograms, stagedPrograms } from "../../components/staging.ts";
import { componentsOf } from "../../roles/folds/components.ts";
import { type ControllerParts, controllerRole } from "../../roles/controller.ts";
import { programsOf } from "../../roles/folds/programs.ts";
import type { Component } from "../../supervisor/component.ts";

/** `role`: for tests. */
export async function controllerComponents(
  node: ControllerParts,
  role = controllerRole,
): Promise<readonly Component[]> {
  const first = role.filter(({ unpacksItself }) => unpacksItself !== true);
  return [
    stagedPrograms(node, { ...controlPlanePrograms, programs: programsOf(first, node) }),
    ...(await componentsOf(role, node, node)),
  ];
}
