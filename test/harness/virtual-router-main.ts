// A virtual router alone, for tests that need no cluster: its settings are the argument, SIGTERM ends it.

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
process.once("SIGTERM", () => void router.stop().then(() => process.exit(0)));
