// The versions of everything inside the file, for `k0s version --all` and for everything that names an image.

import { repoRoot } from "../cache-root.ts";
import { loadCatalog } from "./read-catalog.ts";

/** Component name → version without a leading v, sorted by name. */
export async function componentVersions(root = repoRoot): Promise<Readonly<Record<string, string>>> {
  const catalog = await loadCatalog(root);
  return Object.fromEntries(catalog.map((component) => [component.name, component.version]));
}
