// How a controller becomes part of its cluster: the join, and its place in etcd, whose certificates are made then.

import { isEtcdManaged } from "../../config/derived.ts";
import { ensureEtcdPki } from "../../pki/ensure.ts";
import type { Component } from "../../supervisor/component.ts";
import type { ControllerNode } from "../node-facts.ts";
import type { JoinNeeds } from "./declaration.ts";

export function joinComponents(node: ControllerNode & JoinNeeds): readonly Component[] {
  const { config, users, paths, session, keys } = node;
  if (!isEtcdManaged(config)) return [session.join];
  const log = node.log.with({ component: "certificates" });
  const membership = session.etcdMembership(
    async () => void (await ensureEtcdPki({ config, users, log, paths, keys })),
  );
  return [session.join, membership];
}
