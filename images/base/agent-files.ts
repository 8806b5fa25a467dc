// What a static program that runs as nobody finds in its image besides itself.

import type { LayerEntry } from "../../build/images/recipe.ts";

export const agentFiles: readonly LayerEntry[] = [
  {
    kind: "text",
    path: "/etc/passwd",
    text: "root:x:0:0:root:/:/none\nnobody:x:65534:65534:nobody:/:/none\n",
  },
  { kind: "text", path: "/etc/group", text: "root:x:0:\nnobody:x:65534:\n" },
  { kind: "directory", path: "/tmp", mode: 0o1777 },
];
