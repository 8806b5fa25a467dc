import type { ControllerFacts } from "../controller-facts.ts";
import type { Declaration } from "../../supervisor/declaration.ts";

export const systemRbacDeclaration = {
  name: "system-rbac",
  disableable: true,
} satisfies Declaration<ControllerFacts>;
