// A single node as a service of systemd; of OpenRC: test/full/services-openrc.test.ts.

import { serviceStory } from "./service-story.ts";

serviceStory({
  name: "systemd",
  platform: "linux-systemd",
  definition: "/etc/systemd/system/k0scontroller.service",
  log: "journalctl -u k0scontroller",
});
