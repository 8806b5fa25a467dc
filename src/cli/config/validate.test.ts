import { expect, test } from "bun:test";
import { testIo } from "../core/test-io.ts";
import { configValidate } from "./validate.ts";

/** What is written to standard error and standard output. */
async function validated(input: string): Promise<readonly [string, string]> {
  const io = testIo({ input });
  const flags = { debug: false, debugListenOn: "", verbose: false, config: "", featureGates: {} };
  await configValidate({ flags, given: new Set(), args: [], io } as never);
  return [io.stderr(), io.stdout()];
}

const upstreams = `spec:
  network:
    provider: kuberouter
    kuberouter:
      mtu: 1400
      hairpinMode: false
  installConfig:
    users:
      etcdUser: somebody
`;

test("a file for upstream is taken, and what has no effect is told with its place", async () => {
  expect(await validated(upstreams)).toEqual([
    `Warning: stdin:5:12  spec.network.kuberouter.mtu: 1400 is not used: with autoMTU kube-router finds the MTU out; for this one set autoMTU: false
Warning: stdin:6:20  spec.network.kuberouter.hairpinMode: false is not used: hairpin has taken its place, and is Enabled
Warning: stdin:9:17  spec.installConfig.users.etcdUser: "somebody" is not used: users of the control plane have fixed names, this one is etcd
`,
    "",
  ]);
});

test("a file without such fields is taken in silence", async () => {
  expect(await validated("spec: {}\n")).toEqual(["", ""]);
});
