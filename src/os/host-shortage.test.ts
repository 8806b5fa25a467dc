// In processes of their own: without a free descriptor, and in a network namespace with four local ports.

import { expect, test } from "bun:test";
import { join } from "node:path";
import { ownConnectTrouble } from "./host-shortage.ts";

const script = join(import.meta.dir, "testdata/host-shortage.ts");

function said(command: string): { out: string; err: string } {
  const { stdout, stderr } = Bun.spawnSync(["/bin/sh", "-c", command, "sh", process.execPath, script], {
    stdout: "pipe",
    stderr: "pipe",
    timeout: 60_000,
  });
  return { out: stdout.toString(), err: stderr.toString() };
}

test("a refusal, silence and an address that leads nowhere are not this host's trouble", async () => {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
  expect(ownConnectTrouble("127.0.0.1", listener.port)).toBeUndefined();
  listener.stop(true);
  expect(ownConnectTrouble("127.0.0.1", listener.port)).toBeUndefined();
  expect(ownConnectTrouble("no.such.host.invalid", 1)).toBeUndefined();
});

test("no free descriptor", () => {
  const { out } = said('ulimit -n 64; exec "$@" descriptors');
  expect(out).toBe("k0s has no free file descriptor (EMFILE)\n".repeat(2));
}, 70_000);

test.skipIf(process.getuid?.() !== 0)(
  "no free port, told from no address that leads there",
  () => {
    const fewPorts = "echo 40000 40003 > /proc/sys/net/ipv4/ip_local_port_range";
    const { out, err } = said(
      `unshare -n /bin/sh -c 'ip link set lo up && ${fewPorts} && exec "$@" ports' sh "$@"`,
    );
    expect(err).toBe("");
    expect(out).toBe("no free local port for a connection (EADDRNOTAVAIL)\nundefined\n");
  },
  70_000,
);
