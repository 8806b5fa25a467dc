// Every rule between fields that needs only the configuration.

import { addonRule } from "./addon-rule.ts";
import type { ConfigRule } from "./config-rule.ts";
import { kubeProxyRule } from "./kube-proxy-rule.ts";
import { loadBalancingRule } from "./load-balancing-rule.ts";
import { networkRule } from "./network-rule.ts";
import { securityRule } from "./security-rule.ts";
import { storageRule } from "./storage-rule.ts";
import { workerProfileRule } from "./worker-profile-rule.ts";

export const configRules: readonly ConfigRule[] = [
  networkRule,
  loadBalancingRule,
  kubeProxyRule,
  storageRule,
  securityRule,
  workerProfileRule,
  addonRule,
];
