// spec.images: every image that the node runs can be replaced. Upstream: pkg/apis/k0s/v1beta1/images.go.

import * as z from "zod";
import { type ImageDefault, imageDefaults, windowsImageDefaults } from "../image-defaults.ts";
import { checkedText, pullPolicy, section } from "./fields.ts";

const imageName = () =>
  checkedText((text) => text !== "" && text === text.trim(), "must be a name without blanks around it");

const tag = /^[\w][\w.-]{0,127}(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$/;
const imageVersion = () =>
  z
    .string()
    .regex(tag, { error: (issue) => `${JSON.stringify(issue.input)} is not a tag, with or without @digest` });

const imageText = "Name of the image, without its version.";
const versionText = "Its tag, with or without @digest.";

const imageSchema = (defaults: ImageDefault) =>
  section({
    image: imageName().default(defaults.image).describe(imageText),
    version: imageVersion().default(defaults.version).describe(versionText),
  });

/** An image that is not part of the file: it has no default. */
export const optionalImageSchema = () =>
  z
    .strictObject({
      image: imageName().describe("No component of this release uses it."),
      version: imageVersion().describe(versionText),
    })
    .optional();

export const imagesSchema = () =>
  section({
    konnectivity: imageSchema(imageDefaults.konnectivity),
    pushgateway: optionalImageSchema(),
    metricsserver: imageSchema(imageDefaults.metricsserver),
    kubeproxy: optionalImageSchema().describe("kube-proxy is a process of the worker and needs no image."),
    coredns: imageSchema(imageDefaults.coredns),
    pause: imageSchema(imageDefaults.pause),
    windows: section({
      kubeproxy: imageSchema(windowsImageDefaults["windows.kubeproxy"]),
      pause: imageSchema(windowsImageDefaults["windows.pause"]),
    }),
    calico: section({
      cni: imageSchema(imageDefaults["calico.cni"]),
      node: imageSchema(imageDefaults["calico.node"]),
      kubecontrollers: imageSchema(imageDefaults["calico.kubecontrollers"]),
      windows: section({
        cni: imageSchema(windowsImageDefaults["calico.windows.cni"]),
        node: imageSchema(windowsImageDefaults["calico.windows.node"]),
      }),
    }),
    kuberouter: section({
      cni: imageSchema(imageDefaults["kuberouter.cni"]),
      cniInstaller: imageSchema(imageDefaults["kuberouter.cniInstaller"]),
    }),
    repository: z.string().optional().describe("Registry and path that replace those of every image."),
    default_pull_policy: pullPolicy().default("IfNotPresent").describe("Of the system pods."),
  });
