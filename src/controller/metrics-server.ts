// The resource metrics API. Upstream: pkg/component/controller/metricserver.go; reference §8.10.

import { metricsServer } from "../manifests/metrics-server.ts";
import type { Component } from "../supervisor/component.ts";
import { addonStack } from "./addon-stack.ts";
import type { AddonContext } from "./addon-stack.ts";

export function metricsServerComponent(context: AddonContext): Component {
  return addonStack(context, {
    name: "metrics-server",
    stack: "metricserver",
    file: "metric_server.yaml",
    render: metricsServer,
  });
}
