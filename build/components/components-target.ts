// `bun build/build.ts components [-- NAME...]`

import type { BuildTarget } from "../targets.ts";
import { buildComponent } from "./build-component.ts";
import { loadCatalog, loadComponent } from "./read-catalog.ts";

export const componentsTarget: BuildTarget = {
  async run({ platform, args, signal, report }) {
    const catalog =
      args.length === 0 ? await loadCatalog() : await Promise.all(args.map((name) => loadComponent(name)));
    for (const component of catalog) {
      if (component.targets.includes(platform.id))
        await buildComponent(component.name, platform, { signal, report });
    }
  },
};
