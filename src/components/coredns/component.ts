// Cluster DNS. Upstream: pkg/component/controller/coredns.go; reference §8.6.

import { coredns } from "./manifest.ts";
import type { Component } from "../../supervisor/component.ts";
import { addonStack } from "../../deployer/addon.ts";
import type { AddonContext } from "../../deployer/addon.ts";

export function corednsComponent(context: AddonContext): Component {
  return addonStack(context, { name: "coredns", stack: "coredns", file: "coredns.yaml", render: coredns });
}
