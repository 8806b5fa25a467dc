import { type Declaration, loopback } from "../../supervisor/declaration.ts";
import { certificatesDeclaration } from "../certificates/declaration.ts";
import type { ControllerDeclaration } from "../node-facts.ts";

/** Of its metrics, on loopback. */
export const kineMetricsPort = 2380;

/** The database server that kine needs, if it needs one; it comes with kine, so the list of the role does not name it. */
export const databaseServerDeclaration = {
  name: "database",
  carries: ["datastore"],
} satisfies Declaration;

/** Which files kine served from last; in the data directory. */
export const servedFilesName = "kine-files.json";

export const kineDeclaration = {
  name: "kine",
  make: async (node) => (await import("./component.ts")).kineDatastore(node),
  details: async (node) => ({ Datastore: await (await import("./datastore-text.ts")).kineText(node) }),
  when: ({ config }) => config.spec.storage.type === "kine",
  programs: ["kine"],
  user: "kube-apiserver",
  group: "root",
  restsOn: [certificatesDeclaration, databaseServerDeclaration],
  carries: ["datastore"],
  argumentsField: "spec.storage.kine.extraArgs",
  dataEntries: ["db", servedFilesName],
  dataFiles: { db: /^state\.db(-.+)?$/ },
  ports: () => [{ port: kineMetricsPort, address: loopback }],
} satisfies ControllerDeclaration;
