import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { claimRuntime } from "../../config/runtime-config.ts";
import { recordingHost } from "../../host/service/recording-host.ts";
import { systemd } from "../../host/service/systemd.ts";
import { nodePaths } from "../../product/paths.ts";
import { UserError } from "../../std/errors.ts";
import { type ServiceDeed, serviceFor } from "./by-hand.ts";

const deeds: readonly ServiceDeed[] = ["start", "restart", "uninstall"];

/** What is said of each without a service. */
async function hints(dataDir: string): Promise<readonly (string | undefined)[]> {
  return Promise.all(
    deeds.map(async (deed) => {
      const refused = serviceFor(deed, { init: systemd, host: recordingHost() }, dataDir, { root: false });
      const err: unknown = await refused.catch((why: unknown) => why);
      if (!(err instanceof UserError)) throw err;
      expect(err.message).toBe("k0s has not been installed as a service");
      return err.hint;
    }),
  );
}

test("without a service, a k0s that runs by hand is not told to be installed", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "k0s-by-hand-"));
  try {
    const install = "Install it with `k0s install controller` or `k0s install worker`.";
    expect(await hints(dataDir)).toEqual([install, install, "There is nothing to remove."]);
    const claim = await claimRuntime(nodePaths({ dataDir, root: false }));
    const runs = `It was started by hand, and runs (pid ${process.pid}).`;
    expect(await hints(dataDir)).toEqual([
      `${runs} \`k0s status\` shows it.`,
      `${runs} End it with \`k0s stop\`, and start it again as it was started before.`,
      `${runs} There is nothing to remove; \`k0s stop\` ends it.`,
    ]);
    await claim.release();
  } finally {
    await rm(dataDir, { recursive: true });
  }
});
