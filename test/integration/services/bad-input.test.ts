// What `k0s install` refuses, and that nothing has changed then; each with the words that a user gets.

import { afterAll, beforeAll, expect, test } from "bun:test";
import type { ExecResult } from "../../../src/sandbox/machine.ts";
import { ServicedMachine, sourceBinds, sourceCommand } from "../../harness/serviced-machine.ts";
import { startNetwork, type TestNetwork } from "../../harness/test-machine.ts";

let network: TestNetwork;
let host: ServicedMachine;

beforeAll(async () => {
  network = await startNetwork();
  host = await ServicedMachine.start(network, "runit", { small: [{ target: "/etc/sv", size: "64k" }] });
  await host.sh(
    "mkdir -p /srv/used/of-others /etc/k0s; echo x >/srv/used/of-others/file; echo 'spec: {nonsense: 1}' >/etc/k0s/bad.yaml",
  );
}, 300_000);

afterAll(async () => network.destroy(), 120_000);

const definition = "/etc/sv/k0sworker/run";
const trace = (): Promise<ExecResult> =>
  host.sh("find /etc/sv /etc/service -name '*k0s*' -o -name '.*tmp*'; ls -A /etc/sv");

async function expectRefused(result: ExecResult, ...words: readonly string[]): Promise<void> {
  expect(result).toEqual({ code: 1, stdout: "", stderr: expect.stringMatching(/^Error: /) });
  for (const one of words) expect(result.stderr).toContain(one);
  expect((await trace()).stdout).toBe("");
}

test.each([
  [["worker", "--data-dir=/srv/used"], ["--data-dir /srv/used holds what k0s has not made: of-others"]],
  [["worker", "--data-dir=/usr"], ["--data-dir /usr"]],
  [
    ["worker", "-e", "K0S_TOKEN=x"],
    ["a join token must not be in a service's environment", "--token-file"],
  ],
  [["worker", "-e", "A=1\nB=2"], ["the value of A holds a line break"]],
  [["worker", "-e", "NOT_SET"], ["NOT_SET is not set here"]],
  [
    ["worker", "--labels=a"],
    ["--labels", "key=value"],
  ],
  [["worker", "token"], ["unknown command"]],
  [["controller", "--config=-"], ["cannot read its configuration from standard input"]],
  [["controller", "--config=/etc/k0s/bad.yaml"], ["nonsense"]],
  [["controller", "--config=/etc/k0s/none.yaml"], ["/etc/k0s/none.yaml"]],
])("k0s install %j", async (args, words) => {
  await expectRefused(await host.tryK0s("install", ...args), ...words);
});

test("without root", async () => {
  const argv = [
    "setpriv",
    "--reuid=65534",
    "--regid=65534",
    "--clear-groups",
    ...sourceCommand("install", "worker"),
  ];
  await expectRefused(await host.exec(argv), "must be run as root");
});

test("on a host without a service manager: the command for the foreground", async () => {
  const plain = await network.machine({ name: "plain", k0s: false, binds: sourceBinds });
  const { code, stderr } = await plain.exec(sourceCommand("install", "worker", "--profile=a b"));
  expect([code, stderr]).toEqual([
    1,
    `Error: this host has no service manager that k0s knows
Known are systemd, OpenRC, System V init, runit and s6. In the foreground it is:
  '/opt/my tools/k0s' worker '--profile=a b'
`,
  ]);
  for (const command of ["start", "restart", "uninstall"])
    expect((await plain.exec(sourceCommand(command))).stderr).toContain(
      "has not been installed as a service",
    );
});

test("a token file that is not there yet is told: it may come before the start", async () => {
  expect(await host.k0s("install", "worker", "--token-file=/etc/k0s/none")).toBe(
    "/etc/k0s/none does not exist yet: the service needs it to join\nk0sworker is installed: `k0s start` starts it.\n",
  );
  await host.k0s("uninstall");
});

test("reset where k0s never started: the service goes, files stay and are named", async () => {
  await host.sh("mkdir -p /var/lib/k0s/images; echo x >/var/lib/k0s/images/mine.tar");
  await host.k0s("install", "worker");
  await host.sh(`echo '# mine' >>${definition}`);
  const edited = await host.tryK0s("reset", "--yes");
  expect([edited.code, edited.stderr]).toEqual([1, expect.stringContaining("is not known to be k0s'")]);
  await host.k0s("install", "worker", "--force");
  const output = await host.k0s("reset", "--yes");
  expect(output).toContain("Will remove: the service k0sworker");
  expect(output).toContain("Left alone:  /var/lib/k0s/images");
  expect((await trace()).stdout).toBe("");
  expect((await host.sh("cat /var/lib/k0s/images/mine.tar")).stdout).toBe("x\n");
  await host.sh("rm -r /var/lib/k0s/images");
});

test("on a full disk nothing is half written, and what was there stays", async () => {
  const fill = "dd if=/dev/zero of=/etc/sv/filler bs=4k 2>&1 || true";
  await host.sh(fill);
  const full = await host.tryK0s("install", "worker");
  await host.sh("rm /etc/sv/filler");
  await expectRefused(full, "no space");

  await host.k0s("install", "worker");
  const before = await host.sh(`cat ${definition}; ls -A /etc/sv/k0sworker`);
  await host.sh(fill);
  const changed = await host.tryK0s("install", "worker", "--profile=other");
  await host.sh("rm /etc/sv/filler");
  expect([changed.code, changed.stderr]).toEqual([1, expect.stringContaining(`Cannot write ${definition}`)]);
  expect(await host.sh(`cat ${definition}; ls -A /etc/sv/k0sworker`)).toEqual(before);
  await host.k0s("uninstall");
});
