// Every rule between fields, in the order in which problems are found.

import type { ConfigRule } from "./config-rule.ts";
import { networkRule } from "./network-rule.ts";

export const configRules: readonly ConfigRule[] = [networkRule];
