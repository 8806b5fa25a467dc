// The PKI of a controller as a component: made or renewed before anything that needs it starts. Reference §5.

import { hostname } from "node:os";
import { apiServerSans } from "../config/derived.ts";
import { hostAddresses, resolveHost } from "../os/addresses.ts";
import { ensureClusterPki, ensureEtcdPki } from "../pki/ensure.ts";
import type { Component } from "../supervisor/component.ts";
import type { ControllerNode } from "./controller-node.ts";

/** etcd's own, once the etcd CA of a joined cluster is there. */
export async function prepareEtcdCertificates({ config, users, io, options }: ControllerNode): Promise<void> {
  await ensureEtcdPki({
    config,
    users,
    log: io.log.with({ component: "certificates" }),
    paths: options.paths,
  });
}

export function certificatesComponent(node: ControllerNode): Component {
  const { config, users, io, options } = node;
  const input = { config, users, log: io.log.with({ component: "certificates" }), paths: options.paths };
  return {
    name: "certificates",
    // A joining controller gets the cluster's CA first.
    dependsOn: ["join"],
    start: async () => {
      const resolved = await Promise.all([resolveHost("localhost"), resolveHost(hostname())]);
      const addresses = [...hostAddresses().map(({ address }) => address), ...resolved.flat()];
      await ensureClusterPki({
        ...input,
        sans: apiServerSans(config, { addresses }),
        konnectivity: node.konnectivity,
        joinApi: !node.singleController,
      });
    },
    stop: () => Promise.resolve(),
  };
}
