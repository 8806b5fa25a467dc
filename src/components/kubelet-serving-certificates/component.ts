// The approver of a controller.

import type { Component } from "../../supervisor/component.ts";
import type { ControllerNode } from "../node-facts.ts";
import { csrApprover } from "./approver.ts";
import { signsWithOwnAuthority } from "./node-names.ts";

export function csrApproverOf(node: ControllerNode): Component {
  const { config, foreignEndpoints, client, leader, log } = node;
  return csrApprover({
    config,
    ownNode: node.enableWorker ? node.name : undefined,
    ownAuthority: signsWithOwnAuthority(config, node.kubeControllerManagerExtraArgs),
    foreignEndpoints,
    client,
    leader,
    log,
  });
}
