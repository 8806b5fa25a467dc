// The AdmissionConfiguration that kube-apiserver gets: plug-ins that spec.security asks for, and those of the user's own file,
// which win. docs/adr/0076.

import { dirname, resolve } from "node:path";
import type { EffectiveSecurity } from "../../config/security.ts";
import { dumpYaml } from "../../std/yaml.ts";
import { admissionFile } from "./named/admission.ts";
import { checkFile } from "./named/document.ts";

interface PluginSettings {
  readonly name: string;
  readonly path?: string | undefined;
  readonly configuration?: object | undefined;
}

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

function ourPlugins({ podSecurity, eventLimits }: EffectiveSecurity): PluginSettings[] {
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

/** Paths in it are relative to the file, which ours is not beside. Files that it names have been looked at before. */
function pluginsOf(text: string, path: string): PluginSettings[] {
  const dir = dirname(path);
  const field = "spec.security.admissionConfigFile";
  const { data } = checkFile(admissionFile(new Set()), { path, field, text });
  return data.plugins.map((one) => {
    const { path: file = "" } = one;
    return file === "" ? one : { ...one, path: resolve(dir, file) };
  });
}
