import { expect, test } from "bun:test";
import { configDefaultsFor } from "./cluster-config.ts";
import { parseClusterConfig } from "./load.ts";
import { defaultConfigYaml } from "./print-config.ts";

const node = { single: false, dataDir: "/var/lib/k0s", publicAddress: "10.0.0.1" };

test("what config create prints reads back as the defaults", () => {
  for (const single of [true, false]) {
    const defaults = { ...node, single };
    for (const includeImages of [true, false]) {
      const text = defaultConfigYaml(defaults, { includeImages });
      expect(parseClusterConfig(text, defaults).config).toEqual(configDefaultsFor(defaults));
      expect(text.includes("  images:")).toBe(includeImages);
      for (const absent of [
        "workerProfiles",
        "featureGates",
        "metricsServer",
        "coreDNS",
        "controlPlaneLoadBalancing",
        "kuberouter:\n    ",
      ]) {
        if (!includeImages) expect(text).not.toContain(absent);
      }
      expect(text).toContain("  controllerManager: {}\n");
    }
  }
});
