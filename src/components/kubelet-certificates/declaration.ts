import type { ControllerFacts } from "../controller-facts.ts";
import type { Declaration } from "../../supervisor/declaration.ts";

export const csrApproverDeclaration = {
  name: "csr-approver",
  disableable: true,
} satisfies Declaration<ControllerFacts>;
