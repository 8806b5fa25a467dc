// Commands that need no cluster, on a Debian and on a machine with nothing but busybox.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startNetwork, type TestMachine, type TestNetwork } from "../../harness/test-machine.ts";
import { withMachine } from "../../harness/with-machine.ts";

for (const root of ["debian", "busybox"] as const) {
  describe(`on ${root}`, () => {
    test("version, sysinfo, config", async () => {
      await withMachine({ root }, async (machine) => {
        expect(await machine.ok(["k0s", "version"])).toMatch(/^v1\.37\.\d+\+k0s\.\d+\n$/);
        expect(await machine.ok(["k0s", "version", "--all"])).toContain("kubernetes : 1.37.");
        expect(await machine.ok(["k0s", "sysinfo", "--verbose"])).toContain("Operating system: Linux (pass)");
        expect(await machine.ok(["k0s", "sysinfo"])).not.toContain("(pass)");
        expect(JSON.parse(await machine.ok(["k0s", "sysinfo", "-o", "json"]))).toContainEqual(
          expect.objectContaining({ path: ["memory"], category: "pass" }),
        );
        expect(await machine.ok(["/bin/sh", "-c", "k0s config create | k0s config validate"])).toBe("");
        const help = await machine.ok(["k0s", "token", "create", "--help"]);
        expect(await machine.ok(["k0s", "help", "token", "create"])).toBe(help);
      });
    }, 300_000);

    test("kubectl and ctr come with the file, under every name", async () => {
      await withMachine({ root }, async (machine) => {
        expect(await machine.ok(["k0s", "kubectl", "version", "--client"])).toContain(
          "Client Version: v1.37.",
        );
        await machine.ok(["ln", "-s", "/usr/local/bin/k0s", "/tmp/kubectl"]);
        expect(await machine.ok(["/tmp/kubectl", "version", "--client"])).toContain("Client Version: v1.37.");
        expect(await machine.ok(["k0s", "ctr", "--version"])).toContain("containerd");
        expect(await machine.sh("k0s kubectl nope")).toMatchObject({
          code: 1,
          stdout: "",
          stderr: expect.stringContaining('Error: unknown command "nope" for "k0s kubectl"'),
        });
        expect(await machine.sh("k0s kubectl get pods")).toMatchObject({
          code: 1,
          stderr: expect.stringContaining("cannot stat k0s kubeconfig, is the server running?"),
        });
        await machine.ok([
          "/bin/sh",
          "-c",
          "printf '#!/bin/sh\\necho plugin $@\\n' >/tmp/kubectl-foo; chmod +x /tmp/kubectl-foo",
        ]);
        const plugin = await machine.sh("PATH=/tmp:$PATH; rm /tmp/kubectl; k0s kc foo --bar");
        expect(plugin).toMatchObject({
          code: 0,
          stdout: "plugin --bar\n",
          stderr: expect.stringContaining("drop-in replacement"),
        });
      });
    }, 300_000);
  });
}

// One machine for all: none of them changes anything.
describe("fails with one clear sentence", () => {
  let network: TestNetwork;
  let machine: TestMachine;

  beforeAll(async () => {
    network = await startNetwork();
    machine = await network.machine();
  }, 300_000);

  afterAll(async () => network.destroy(), 300_000);

  test.each([
    ["k0s nope", 'Error: unknown command "nope" for "k0s"'],
    ["k0s controller --nope", "Error: unknown flag: --nope"],
    ["k0s status", "no k0s answers on this host"],
    ["k0s stop", "already stopped"],
    ["k0s worker token", "the join token cannot be read"],
    // As k0sctl calls it before anything is there, and when it takes a controller out.
    ["k0s status -o json", "no k0s answers on this host"],
    [
      "k0s etcd leave --peer-address 10.0.0.3 --datadir /var/lib/k0s",
      "cannot ask the etcd member of this host",
    ],
    [
      "k0s install --force=true controller --config=/nonexistent",
      "cannot read the configuration /nonexistent",
    ],
    ["k0s config validate -c /nonexistent", "cannot read the configuration /nonexistent: no such file"],
    ["echo 'spec: {nope: 1}' | k0s config validate -c -", "unknown field"],
  ])(
    "%s",
    async (command, message) => {
      const { code, stderr } = await machine.sh(command);
      expect(stderr).toContain(message);
      expect(stderr).not.toMatch(/^ +at /m);
      expect(code).toBe(1);
    },
    300_000,
  );
});
