// AdmissionConfiguration: settings of admission plug-ins, here or in files of their own. Upstream: k8s.io/apiserver/pkg/admission.

import { resolve } from "node:path";
import * as z from "zod";
import { type FileKind, typeFields } from "./document.ts";

const plugin = z.strictObject({
  name: z.string(),
  path: z.string().optional(),
  configuration: z.looseObject({}).optional(),
});

const schema = z.strictObject({ ...typeFields, plugins: z.array(plugin).default([]) });

const kind = "AdmissionConfiguration";
const versions = ["apiserver.config.k8s.io/v1", "apiserver.k8s.io/v1alpha1"] as const;

/**
 * What kube-apiserver does not read it does not miss: a name that it does not know, or that stands there a second time, is passed
 * over, and the file of a plug-in that is not `atWork` need not be there.
 */
export function admissionFile(atWork: ReadonlySet<string>): FileKind<typeof schema> {
  return {
    kind,
    versions,
    schema,
    modern: modernForm,
    check: ({ plugins }, dir) => ({
      problems: [],
      // Settings that stand here win over those of a file.
      refers: plugins.flatMap(({ name, path = "", configuration }, index) =>
        path === "" ||
        configuration !== undefined ||
        !atWork.has(name) ||
        plugins.findIndex((one) => one.name === name) < index
          ? []
          : [{ path: ["plugins", index, "path"], file: resolve(dir, path) }],
      ),
    }),
  };
}

const older = z.looseObject({ apiVersion: z.unknown().optional(), kind: z.unknown().optional() });
/** By the field that shows it, the plug-in that reads such a file by itself. */
const olderPlugins = { imagePolicy: "ImagePolicyWebhook", podNodeSelectorPluginConfig: "PodNodeSelector" };

/** Two plug-ins had their settings in this place before there was such a kind. kube-apiserver hands each the whole file, then as now. */
function modernForm(document: unknown, path: string): unknown {
  const parsed = older.safeParse(document);
  if (
    !parsed.success ||
    (parsed.data.kind === kind && versions.some((one) => one === parsed.data.apiVersion))
  )
    return document;
  if (!Object.keys(olderPlugins).some((field) => Object.hasOwn(parsed.data, field))) return document;
  const plugins = Object.values(olderPlugins).map((name) => ({ name, path }));
  return { apiVersion: versions[0], kind, plugins };
}
