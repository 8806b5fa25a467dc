// The rules of a configuration that only those know who know the components; `config` knows none of them.

import type { ConfigRule } from "../config/rules/config-rule.ts";
import { portRule } from "./port-rule.ts";

export const nodeRules: readonly ConfigRule[] = [portRule];
