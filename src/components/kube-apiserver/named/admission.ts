// AdmissionConfiguration: settings of admission plug-ins, here or in files of their own. Upstream: k8s.io/apiserver/pkg/admission.

import { resolve } from "node:path";
import { z } from "zod";
import { type FileKind, typeFields } from "./document.ts";
import { repeated } from "./repeated.ts";

const plugin = z.strictObject({
  name: z.string(),
  path: z.string().optional(),
  configuration: z.looseObject({}).optional(),
});

const schema = z.strictObject({ ...typeFields, plugins: z.array(plugin).default([]) });

export const admissionFile: FileKind<typeof schema> = {
  kind: "AdmissionConfiguration",
  versions: ["apiserver.config.k8s.io/v1", "apiserver.k8s.io/v1alpha1"],
  schema,
  check: ({ plugins }, dir) => ({
    problems: [
      ...repeated(
        plugins,
        ({ name }) => name,
        (index) => ["plugins", index, "name"],
      ),
      ...plugins.flatMap(({ name }, index) =>
        name === "" ? [{ path: ["plugins", index, "name"], message: "must not be empty" }] : [],
      ),
    ],
    // Settings that stand here win over those of a file.
    refers: plugins.flatMap(({ path, configuration }, index) =>
      path === undefined || configuration !== undefined
        ? []
        : [{ path: ["plugins", index, "path"], file: resolve(dir, path) }],
    ),
  }),
};
