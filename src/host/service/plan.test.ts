import { expect, test } from "bun:test";
import type { InitSystem } from "./definition.ts";
import { openRc } from "./openrc.ts";
import { differenceOf } from "./plan.ts";
import { runit } from "./runit.ts";
import { systemd } from "./systemd.ts";

const withProxy = (init: InitSystem, proxy: string): string =>
  init.definition({
    name: "k0sworker",
    program: "/usr/local/bin/k0s",
    args: ["worker"],
    environment: [["HTTPS_PROXY", proxy]],
    dataDir: "/var/lib/k0s",
  }).text;

test.each([
  [systemd, "Environment=HTTPS_PROXY=…", 'Environment="HTTPS_PROXY=…'],
  [openRc, "export HTTPS_PROXY=…", "export HTTPS_PROXY=…"],
  [runit("/etc/service"), "export HTTPS_PROXY=…", "export HTTPS_PROXY=…"],
] as const)("$title: a variable is shown without its value", (init, before, after) => {
  expect(differenceOf(withProxy(init, "http://u:secret@p"), withProxy(init, "http://u:sec ret@p"))).toEqual([
    `- ${before}`,
    `+ ${after}`,
  ]);
});

test.each([
  ['Environment="K0S_TOKEN=secret" "A=secret"', 'Environment="K0S_TOKEN=…'],
  ["Environment = A=secret", "Environment = A=…"],
  ["Environment=${secret}", "Environment=…"],
  ["  export K0S_TOKEN=secret", "  export K0S_TOKEN=…"],
  ["K0S_TOKEN=secret k0s worker", "K0S_TOKEN=…"],
  ["env A=b K0S_TOKEN=secret k0s", "env A=…"],
  ["exec /usr/bin/env -i A=secret k0s", "exec /usr/bin/env -i A=…"],
  ["ExecStart=/usr/local/bin/k0s worker --debug=true", "ExecStart=/usr/local/bin/k0s worker --debug=true"],
  ["EnvironmentFile=/etc/k0s.env", "EnvironmentFile=/etc/k0s.env"],
])("what others wrote, too: %j", (line, shown) => {
  expect(differenceOf(`${line}\n`, "")).toEqual([`- ${shown}`]);
});
