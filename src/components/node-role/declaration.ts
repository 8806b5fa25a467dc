import type { ControllerFacts } from "../controller-facts.ts";
import type { Declaration } from "../../supervisor/declaration.ts";

export const nodeRoleDeclaration = {
  name: "node-role",
  disableable: true,
} satisfies Declaration<ControllerFacts>;
