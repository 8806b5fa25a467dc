import { type Declaration, loopback } from "../../supervisor/declaration.ts";
import type { ControllerFacts } from "../controller-facts.ts";

export const kineDeclaration: Declaration<ControllerFacts> = {
  name: "kine",
  when: ({ config }) => config.spec.storage.type === "kine",
  ports: () => [{ port: 2380, address: loopback }],
};
