// Facts about a controller that `k0s status` shows to people, as its components tell them.

import { type ControllerParts, controllerRole } from "../../roles/controller.ts";
import { runs } from "../../supervisor/declaration.ts";

/** In order. What is unknown, because it is not there yet or does not answer, is left out. */
export async function statusDetails(
  node: ControllerParts,
  role = controllerRole,
): Promise<Record<string, string>> {
  const told: [string, string][] = [];
  for (const declaration of role) {
    if (!runs(declaration, node)) continue;
    try {
      told.push(...Object.entries((await declaration.details?.(node)) ?? {}));
    } catch (err) {
      node.log.debug("A detail of the status is not known", { component: declaration.name, err });
    }
  }
  return Object.fromEntries(told.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
