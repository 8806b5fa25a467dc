// Where kubelet tells whether it is well: a worker profile or an extra argument may move it, or switch it off.

import type { FlagMap } from "../../std/flags.ts";
import { joinHostPort, reachableAt } from "../../std/ip.ts";
import { kubeletHealthPort, kubeletPort } from "./declaration.ts";

export interface KubeletHealth {
  /** Of its health endpoint; undefined where that is switched off. */
  readonly url: string | undefined;
  /** Its own port, which is open whenever it serves. */
  readonly port: number;
}

/** `profile` is a KubeletConfiguration; `extraArgs` are those of `--kubelet-extra-args`, which win. */
export function kubeletHealth(
  profile: Readonly<Record<string, unknown>>,
  extraArgs: FlagMap = {},
): KubeletHealth {
  const healthPort = Number(extraArgs["healthz-port"] ?? profile["healthzPort"] ?? kubeletHealthPort);
  const given = extraArgs["healthz-bind-address"] ?? profile["healthzBindAddress"];
  const address = typeof given === "string" ? given : "127.0.0.1";
  return {
    port: Number(extraArgs["port"] ?? profile["port"] ?? kubeletPort),
    url: healthPort === 0 ? undefined : `http://${joinHostPort(reachableAt(address), healthPort)}/healthz`,
  };
}
