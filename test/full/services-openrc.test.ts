// A single node as a service of OpenRC; of systemd: test/integration/services/single-node.test.ts, beside which managers.test.ts
// has what OpenRC itself is asked for.

import { serviceStory } from "../integration/services/service-story.ts";

serviceStory({
  name: "OpenRC",
  platform: "linux-openrc",
  definition: "/etc/init.d/k0scontroller",
  log: "cat /var/log/k0s.log",
});
