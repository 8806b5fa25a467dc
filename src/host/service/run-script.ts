// The `run` file of a supervisor that starts what ends again by itself: runit, s6.

import type { ServiceDefinition } from "./definition.ts";
import { shellWord } from "./quote.ts";

/** Its log is made for root alone: it may name what the cluster runs. */
export function supervisedRunScript({ name, program, args, environment }: ServiceDefinition): string {
  const variables = environment.map(([key, value]) => `export ${key}=${shellWord(value)}\n`);
  return `#!/bin/sh
${variables.join("")}[ -e /etc/default/${name} ] && . /etc/default/${name}
ulimit -n 1048576 2>/dev/null || ulimit -n "$(ulimit -Hn)"
(umask 077 && : >>/var/log/${name}.log)
exec ${[program, ...args].map(shellWord).join(" ")} >>/var/log/${name}.log 2>&1
`;
}
