// A controller with the flags that it has by itself, as its components know it. It has no API.

import type { ClusterConfig } from "../../../config/cluster-config.ts";
import type { ControllerParts } from "../../../roles/controller.ts";
import { controllerCommandFlags, controllerOptions } from "../options.ts";
import { factsOf } from "./made-node.ts";

export function plainController(
  config: ClusterConfig,
  { disabled = [] }: { readonly disabled?: readonly string[] } = {},
): ControllerParts {
  const values = Object.fromEntries(
    Object.entries(controllerCommandFlags).map(([key, flag]) => [key, flag.defaultValue]),
  ) as unknown as Parameters<typeof controllerOptions>[0];
  const options = controllerOptions(values, [], { takeSecret: () => undefined, root: true });
  return factsOf(config, { ...options, disabledComponents: new Set(disabled) });
}
