// A static busybox and nothing else: k0s brings all that it needs, and is started by hand.

import { lifeOfSingleNode } from "../harness/vm/single-node-life.ts";

lifeOfSingleNode({
  system: "minimal",
  proxyMode: "iptables",
  log: "cat /srv/k0s.log",
  ownChanges: [/^\/run\/test-agent/, /^\/srv\/k0s\.log$/, /^\/run\/utmp$/],
});
