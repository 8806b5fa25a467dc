// The AdmissionConfiguration that kube-apiserver gets: plug-ins that spec.security asks for, and those of the user's own file,
// which win. docs/adr/0076.

import { dirname, resolve } from "node:path";
import { z } from "zod";
import type { EffectiveSecurity } from "../../config/security.ts";
import { UserError } from "../../std/errors.ts";
import { dumpYaml, parseYaml } from "../../std/yaml.ts";

const plugin = z.looseObject({ name: z.string(), path: z.string().optional() });
const configuration = z.looseObject({
  kind: z.literal("AdmissionConfiguration"),
  plugins: z.array(plugin).default([]),
});
type Plugin = z.infer<typeof plugin>;

/** Whether there is anything to configure. */
export function configuresAdmission({
  podSecurity,
  eventLimits,
  admissionConfigFile,
}: EffectiveSecurity): boolean {
  return podSecurity !== undefined || eventLimits.length > 0 || admissionConfigFile !== undefined;
}

/** The complete file; `own` is the text of the user's. */
export function admissionConfiguration(security: EffectiveSecurity, own: string | undefined): string {
  const theirs = own === undefined ? [] : pluginsOf(own, security.admissionConfigFile ?? "");
  const named = new Set(theirs.map(({ name }) => name));
  const plugins = [...ourPlugins(security).filter(({ name }) => !named.has(name)), ...theirs];
  return dumpYaml({ apiVersion: "apiserver.config.k8s.io/v1", kind: "AdmissionConfiguration", plugins });
}

function ourPlugins({ podSecurity, eventLimits }: EffectiveSecurity): Plugin[] {
  return [
    ...(podSecurity === undefined
      ? []
      : [{ name: "PodSecurity", configuration: podSecurityConfiguration(podSecurity) }]),
    ...(eventLimits.length === 0
      ? []
      : [
          {
            name: "EventRateLimit",
            configuration: {
              apiVersion: "eventratelimit.admission.k8s.io/v1alpha1",
              kind: "Configuration",
              limits: eventLimits,
            },
          },
        ]),
  ];
}

function podSecurityConfiguration(settings: NonNullable<EffectiveSecurity["podSecurity"]>): object {
  const { enforce, audit, warn, exemptNamespaces, exemptUsernames, exemptRuntimeClasses } = settings;
  return {
    apiVersion: "pod-security.admission.config.k8s.io/v1",
    kind: "PodSecurityConfiguration",
    defaults: {
      enforce,
      "enforce-version": "latest",
      audit,
      "audit-version": "latest",
      warn,
      "warn-version": "latest",
    },
    exemptions: {
      usernames: exemptUsernames,
      runtimeClasses: exemptRuntimeClasses,
      namespaces: exemptNamespaces,
    },
  };
}

/** Paths in it are relative to the file, which ours is not beside. */
function pluginsOf(text: string, file: string): Plugin[] {
  const parsed = configuration.safeParse(parseYaml(text, { source: file }));
  if (!parsed.success)
    throw new UserError(`${file} is not an AdmissionConfiguration: ${z.prettifyError(parsed.error)}`, {
      code: "bad-security-file",
      hint: "It is named as spec.security.admissionConfigFile: correct it, or leave the field out.",
    });
  return parsed.data.plugins.map((one) =>
    one.path === undefined ? one : { ...one, path: resolve(dirname(file), one.path) },
  );
}
