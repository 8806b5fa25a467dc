// docs/upstream-scenarios.md: every scenario of upstream k0s has its place in it, once, and every file that it names is there.

import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { codeSpans, tableBelow } from "./markdown-table.ts";

const top = join(import.meta.dir, "../..");
const page = readFileSync(join(top, "docs/upstream-scenarios.md"), "utf8");
const rows = tableBelow(page, "Scenarios");

/** By name, without those that differ in the version that an upgrade begins with. */
const scenarios = `
  addons airgap ap-airgap ap-controllerworker ap-ha3x3 ap-platformselect ap-quorum ap-quorumsafety ap-removedapis
  ap-selector ap-single ap-updater ap-updater-periodic backup backup-kine backup-stream basic bind-address byocri calico
  calico-ipv6 capitalhostnames cli clusterreboot cnichange configchange containerd-deprecations containerdimports
  cplb-ipvs cplb-ipvs-ipv6 cplb-userspace cplb-userspace-extaddr cplb-userspace-ipv6 ctr custom-cidrs customca
  customdomain customports customports-dynamicconfig disabledcomponents dualstack-calico dualstack-calico-dynamicconfig
  dualstack-kuberouter dualstack-kuberouter-dynamicconfig embedded-binaries etcdlearner etcdmember externaletcd extraargs
  hacontrolplane hostnameoverride k0scloudprovider kine kubectl kubeletcertrotate kuberouter kuberouter-ipv6 metrics
  metricsscraper metricsscraper-singlenode multicontroller network-conformance-calico network-conformance-calico-ipv6
  network-conformance-calico-ipv6-nft network-conformance-calico-nft network-conformance-kuberouter
  network-conformance-kuberouter-ipv6 network-conformance-kuberouter-ipv6-nft network-conformance-kuberouter-nft nllb
  nllb-ipv6 nllb-traefik nllb-traefik-ipv6 noderole noderole-no-taints noderole-single patches privileged-port psp reset
  singlenode stackapplier statussocket windows`
  .trim()
  .split(/\s+/);

test("every scenario is in the table once", () => {
  const named = rows.flatMap(([first]) => codeSpans(first));
  expect(named.toSorted()).toEqual(scenarios.toSorted());
});

test("every file that is named is there, and is a test or a part of one", () => {
  const files = codeSpans(page).filter((span) => /^(?:src|test|build)\/.*\.ts$/.test(span));
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((file) => !existsSync(join(top, file)))).toEqual([]);
  expect(files.filter((file) => !/^test\/|\.test\.ts$|\/testdata\//.test(file))).toEqual([]);
});

test("what a test is called is called so in a file of its row", () => {
  const wrong = rows.flatMap(([scenario, , proof = ""]) => {
    const texts = codeSpans(proof)
      .filter((span) => span.endsWith(".ts"))
      .map((file) => readFileSync(join(top, file), "utf8"));
    return [...proof.matchAll(/“([^”]+)”/g)]
      .filter(([, title = ""]) => !texts.some((text) => text.includes(title)))
      .map(([, title]) => `${scenario}: ${title}`);
  });
  expect(wrong).toEqual([]);
});

/** What is refused or not there has no cluster; a title that is put together is named by what it is made of. */
const withoutTitle =
  /^(?:ap-|metricsscraper|network-conformance|cplb-ipvs|cplb-userspace-|cli$|nllb-traefik-ipv6|windows$|kubectl$)/;
const made: Readonly<Record<string, string>> = {
  "calico-ipv6": "${provider}-ipv6: ",
  "kuberouter-ipv6": "${provider}-ipv6: ",
  "dualstack-calico": "dualstack-${provider}",
  "dualstack-kuberouter": "dualstack-${provider}",
  "dualstack-calico-dynamicconfig": "dualstack-${provider}${object",
  "dualstack-kuberouter-dynamicconfig": "dualstack-${provider}${object",
};

test("a test of its row is called like the scenario", () => {
  const nameless = rows.flatMap(([scenario, , proof = ""]) => {
    const texts = codeSpans(proof)
      .filter((span) => span.endsWith(".ts"))
      .map((file) => readFileSync(join(top, file), "utf8"));
    return codeSpans(scenario)
      .filter((name) => !withoutTitle.test(name))
      .filter((name) => {
        const title = new RegExp(`["\`](?:[a-z0-9-]+, )*${name}(?:, [a-z0-9-]+)*: `);
        const literal = made[name];
        return !texts.some((text) => (literal === undefined ? title.test(text) : text.includes(literal)));
      });
  });
  expect(nameless).toEqual([]);
});

test("every row says what is not covered, or that everything is", () => {
  const says = /\bNot covered: |\bNot yet: |\bRefused: |^Everything is covered/;
  expect(rows.filter((row) => row.length !== 4 || !says.test(row[3] ?? ""))).toEqual([]);
});
