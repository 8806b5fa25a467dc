import { type Declaration, loopback } from "../../supervisor/declaration.ts";
import type { ControllerFacts } from "../controller-facts.ts";

export const kineDeclaration = {
  name: "kine",
  when: ({ config }) => config.spec.storage.type === "kine",
  programs: ["kine"],
  user: "kube-apiserver",
  group: "root",
  argumentsField: "spec.storage.kine.extraArgs",
  dataEntries: ["db"],
  dataContent: { db: /^state\.db(-.+)?$/ },
  ports: () => [{ port: 2380, address: loopback }],
} satisfies Declaration<ControllerFacts>;
