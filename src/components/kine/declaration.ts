import { loopback } from "../../supervisor/declaration.ts";
import type { ControllerDeclaration } from "../node-facts.ts";

/** Of its metrics, on loopback. */
export const kineMetricsPort = 2380;

export const kineDeclaration = {
  name: "kine",
  make: async (node) => (await import("./component.ts")).kineDatastore(node),
  when: ({ config }) => config.spec.storage.type === "kine",
  programs: ["kine"],
  user: "kube-apiserver",
  group: "root",
  argumentsField: "spec.storage.kine.extraArgs",
  dataEntries: ["db"],
  dataFiles: { db: /^state\.db(-.+)?$/ },
  ports: () => [{ port: kineMetricsPort, address: loopback }],
} satisfies ControllerDeclaration;
