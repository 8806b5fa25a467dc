import type { Declaration } from "../../supervisor/declaration.ts";
import { apiAddress, type ControllerFacts, isSingleController } from "../controller-facts.ts";

/** The join API. */
export const controlApiDeclaration = {
  name: "control-api",
  disableable: true,
  when: (facts) => !isSingleController(facts, facts.config),
  dataEntries: ["cluster-facts.json", "join-state.json"],
  ports: ({ config }) => [
    {
      port: config.spec.api.k0sApiPort,
      ...apiAddress(config),
      process: "k0s-control-api",
      setting: ["spec", "api", "k0sApiPort"],
    },
  ],
} satisfies Declaration<ControllerFacts>;
