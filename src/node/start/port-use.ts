// The table of ports as a start asks for them: which port is taken, by whom, and which setting moves it.

import type { PlannedPort } from "../../config/ports.ts";
import { pathText } from "../../config/problem.ts";
import type { PortUse } from "../../os/ports.ts";

export function portUses(ports: readonly PlannedPort[]): readonly PortUse[] {
  return ports.map(({ setting, ...port }) => ({
    ...port,
    ...(setting === undefined ? {} : { setting: pathText(setting) }),
  }));
}
