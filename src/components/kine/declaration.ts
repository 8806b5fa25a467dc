import { loopback } from "../../supervisor/declaration.ts";
import type { ControllerDeclaration } from "../node-facts.ts";

export const kineDeclaration = {
  name: "kine",
  make: async (node) => (await import("./component.ts")).kineDatastore(node),
  when: ({ config }) => config.spec.storage.type === "kine",
  programs: ["kine"],
  user: "kube-apiserver",
  group: "root",
  argumentsField: "spec.storage.kine.extraArgs",
  dataEntries: ["db"],
  dataContent: { db: /^state\.db(-.+)?$/ },
  ports: () => [{ port: 2380, address: loopback }],
} satisfies ControllerDeclaration;
