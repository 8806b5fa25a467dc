// The rules of a configuration that depend on the components, which `config` does not know.

import type { ConfigRule } from "../../config/rules/config-rule.ts";
import { portRule } from "./port-rule.ts";

export const nodeRules: readonly ConfigRule[] = [portRule];
