// A node's log in the real journal of systemd: each line with its priority, and without a time of its own.

import { expect, test } from "bun:test";
import { ServicedMachine } from "../../harness/serviced-machine.ts";
import { withNetwork } from "../../harness/with-machine.ts";

const unit = `[Service]
Type=oneshot
ExecStart=/opt/bun/bun /opt/k0s/src/cli/node/testdata/watched-main.ts 2 fail
`;

test("lines have their priority and no second time", async () => {
  await withNetwork(async (network) => {
    const host = await ServicedMachine.start(network, "systemd");
    await host.machine.writeFile("/run/systemd/system/a-node.service", unit);
    expect((await host.sh("systemctl daemon-reload; systemctl start a-node")).code).not.toBe(0);
    const { stdout } = await host.sh("journalctl --sync; journalctl -o json _SYSTEMD_UNIT=a-node.service");
    const entries = stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Record<string, string>)
      .map(({ PRIORITY, MESSAGE }) => `${PRIORITY} ${MESSAGE}`);
    expect(entries.slice(0, 3)).toEqual([
      '6 level=info msg="A line" line=0',
      '6 level=info msg="A line" line=1',
      "3 Error: the node cannot go on",
    ]);
  });
}, 120_000);
