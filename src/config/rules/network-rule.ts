// Networks must not overlap, must be of one family and must have room. Reference §2.5.

import { cidrFamily, cidrsOverlap } from "../../std/cidr.ts";
import type { ClusterConfig } from "../cluster-config.ts";
import type { ConfigProblem } from "../problem.ts";

const pods = ["spec", "network", "podCIDR"];
const services = ["spec", "network", "serviceCIDR"];

export function networkRule({ spec: { network } }: ClusterConfig): ConfigProblem[] {
  const { podCIDR, serviceCIDR } = network;
  const shown = JSON.stringify(podCIDR);
  if (cidrFamily(podCIDR) !== cidrFamily(serviceCIDR)) {
    const message = `${shown} is not of the same address family as serviceCIDR ${serviceCIDR}`;
    return [{ path: pods, involves: [services], message }];
  }
  if (!cidrsOverlap(podCIDR, serviceCIDR)) return [];
  const message = `${shown} overlaps serviceCIDR ${serviceCIDR}; use a range outside of it`;
  return [{ path: pods, involves: [services], message }];
}
