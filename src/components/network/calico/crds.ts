// Calico's custom resource definitions. Loaded only where they are applied; made by build/calico/generate.ts.

import type { KubeObject } from "../../../kube/types.ts";
import text from "./crds.json.txt" with { type: "text" };

export function calicoCrds(): KubeObject[] {
  return JSON.parse(text) as KubeObject[];
}
