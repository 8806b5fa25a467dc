// A virtual router alone, for tests that need no cluster: its settings are the argument, SIGTERM ends it. It says when it
// was not given the time to hear and to send: anyone who waits for it then is right to take over.

import { addressKeeper } from "../../src/components/control-plane-address/virtual-ips.ts";
import {
  VirtualRouter,
  type VirtualRouterSettings,
} from "../../src/components/control-plane-address/virtual-router.ts";
import { createLogger } from "../../src/std/logfmt.ts";

const settings = JSON.parse(process.argv[2] ?? "") as VirtualRouterSettings;
const log = createLogger({ level: "debug", write: (line) => void process.stdout.write(line) });
const router = new VirtualRouter(settings, addressKeeper("ip"), log);
await router.start();

/** While nobody is late by more, no silence lasts as long as that of a dead master: three intervals of a second, and a bit. */
const tolerableMs = 1_000;
let last = performance.now();
setInterval(() => {
  const now = performance.now();
  if (now - last > tolerableMs) log.warn("This process stood still", { ms: Math.round(now - last) });
  last = now;
}, 100);

process.once("SIGTERM", () => void router.stop().then(() => process.exit(0)));
