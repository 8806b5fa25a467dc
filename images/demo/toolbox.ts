// A shell and what looks at a network from inside a pod, for `make run` and the tests: Debian's busybox and curl.

import type { ImageRecipe } from "../../build/images/recipe.ts";
import { busyboxLinks } from "../base/busybox-links.ts";

export const toolbox: ImageRecipe = {
  ref: "localhost/k0s/toolbox:1",
  layers: [
    {
      name: "busybox and curl",
      entries: [
        // The dynamic busybox: the static one crashes when it resolves names.
        {
          kind: "debian",
          packages: ["busybox", "curl", "netbase"],
          programs: ["/bin/busybox", "/usr/bin/curl"],
          data: ["/etc/protocols", "/etc/services"],
        },
        ...busyboxLinks,
        {
          kind: "text",
          path: "/etc/passwd",
          text: "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n",
        },
        { kind: "text", path: "/etc/group", text: "root:x:0:\nnogroup:x:65534:\n" },
        { kind: "directory", path: "/tmp", mode: 0o1777 },
        { kind: "directory", path: "/root", mode: 0o700 },
      ],
    },
  ],
  config: { args: ["/bin/sh"] },
};
