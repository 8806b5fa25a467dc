import type { Declaration } from "../../supervisor/declaration.ts";

/** It comes with each datastore, so the list of the role does not name it. */
export const datastoreIdentityDeclaration = { name: "datastore-identity" } satisfies Declaration;
