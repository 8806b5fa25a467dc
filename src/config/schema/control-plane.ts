// The small sections of the control plane: component arguments, system users, konnectivity.
// Upstream: pkg/apis/k0s/v1beta1/clusterconfig_types.go.

import * as z from "zod";
import { checkedText, extraArgs, filledText, port, rawArgs, section } from "./fields.ts";
import { parseHostPort } from "./names.ts";

/** spec.controllerManager and spec.scheduler. */
export const componentArgsSchema = () => section({ extraArgs: extraArgs(), rawArgs: rawArgs() });

export const installConfigSchema = () =>
  section({
    users: section({
      etcdUser: filledText()
        .default("etcd")
        .describe("etcd runs as `etcd`; another name has no effect, with a warning."),
      kineUser: filledText()
        .default("kube-apiserver")
        .describe("kine runs as `kube-apiserver`; another name has no effect, with a warning."),
      konnectivityUser: filledText()
        .default("konnectivity-server")
        .describe(
          "konnectivity-server runs as `konnectivity-server`; another name has no effect, with a warning.",
        ),
      kubeAPIserverUser: filledText()
        .default("kube-apiserver")
        .describe("kube-apiserver runs as `kube-apiserver`; another name has no effect, with a warning."),
      kubeSchedulerUser: filledText()
        .default("kube-scheduler")
        .describe("kube-scheduler runs as `kube-scheduler`; another name has no effect, with a warning."),
    }),
  });

export const konnectivitySchema = () =>
  section({
    agentPort: port().default(8132).describe("Port that agents connect to."),
    adminPort: port().default(8133).describe("Port of its administration, on 127.0.0.1 only."),
    externalAddress: checkedText((text) => parseHostPort(text) !== undefined, "is not a host or host:port")
      .optional()
      .describe("Where agents connect to, host or host:port."),
  });

export const telemetrySchema = () =>
  section({
    enabled: z.boolean().default(false).describe("Nothing comes of it: nothing is reported to anybody."),
  });
