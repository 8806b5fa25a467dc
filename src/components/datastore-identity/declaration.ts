import type { Declaration } from "../../supervisor/declaration.ts";
import { etcdDeclaration, externalEtcdDeclaration } from "../etcd/declaration.ts";
import { kineDeclaration } from "../kine/declaration.ts";

/** It comes with each datastore, so the list of the role does not name it. */
export const datastoreIdentityDeclaration = {
  name: "datastore-identity",
  restsOn: [etcdDeclaration, externalEtcdDeclaration, kineDeclaration],
  carries: ["datastore"],
} satisfies Declaration;
