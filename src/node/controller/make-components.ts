// What a controller starts: its programs, then the list of its role (src/roles/controller.ts).

import { controlPlanePrograms, datastoreProgram, stagedPrograms } from "../../components/staging.ts";
import { etcdDeclaration } from "../../components/etcd/declaration.ts";
import { kineDeclaration } from "../../components/kine/declaration.ts";
import { componentsOf } from "../../roles/folds/components.ts";
import { type ControllerParts, controllerRole } from "../../roles/controller.ts";
import { programsOf } from "../../roles/folds/programs.ts";
import type { Component } from "../../supervisor/component.ts";

/** `role`: for tests. */
export async function controllerComponents(
  node: ControllerParts,
  role = controllerRole,
): Promise<readonly Component[]> {
  const datastore = programsOf([etcdDeclaration, kineDeclaration], node);
  const all = programsOf(
    role.filter(({ unpacksItself }) => unpacksItself !== true),
    node,
  );
  const programs = all.filter((name) => !datastore.includes(name));
  return [
    ...stagedPrograms(node, [
      ...(datastore.length === 0 ? [] : [{ ...datastoreProgram, programs: datastore }]),
      { ...controlPlanePrograms, programs },
    ]),
    ...(await componentsOf(role, node, node)),
  ];
}
