// Cluster DNS. Upstream: pkg/component/controller/coredns.go; reference §8.6.

import { coredns } from "../manifests/coredns.ts";
import type { Component } from "../supervisor/component.ts";
import { addonStack } from "./addon-stack.ts";
import type { AddonContext } from "./addon-stack.ts";

export function corednsComponent(context: AddonContext): Component {
  return addonStack(context, { name: "coredns", stack: "coredns", file: "coredns.yaml", render: coredns });
}
