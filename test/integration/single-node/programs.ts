// Scenarios `embedded-binaries` and `ctr`: every program that the file brings runs where there is no C library.

import { expect, test } from "bun:test";
import type { TestMachine } from "../../harness/test-machine.ts";

const binDir = "/var/lib/k0s/bin";
const toolsDir = "/var/lib/k0s/host-tools/bin";

/** Command → what it must print. */
const programs: readonly [string, RegExp][] = [
  [`${binDir}/containerd --version`, /containerd .* v2\.\d+/],
  [`${binDir}/containerd-shim-runc-v2 -v`, /containerd-shim-runc-v2/],
  [`${binDir}/ctr --version`, /ctr .* v2\.\d+/],
  [`${binDir}/runc --version`, /runc version \d/],
  [`${binDir}/kine --version`, /kine version/],
  [`${binDir}/kube-apiserver --version`, /Kubernetes v1\.\d+\.\d+\+k0s/],
  [`${binDir}/kube-controller-manager --version`, /Kubernetes v1\.\d+\.\d+\+k0s/],
  [`${binDir}/kube-scheduler --version`, /Kubernetes v1\.\d+\.\d+\+k0s/],
  [`${binDir}/kube-proxy --version`, /Kubernetes v1\.\d+\.\d+\+k0s/],
  [`${binDir}/kubelet --version`, /Kubernetes v1\.\d+\.\d+\+k0s/],
  [`${binDir}/kubectl version --client`, /Client Version: v1\.\d+\.\d+/],
  [`${binDir}/helm version`, /Version:"v3\.\d+\.\d+"/],
  [`${toolsDir}/nft --version`, /nftables v1/],
  [`${toolsDir}/iptables --version`, /iptables v1\.\d+\.\d+ \(nf_tables\)/],
  [`${toolsDir}/ip6tables-save`, /COMMIT/],
  [`${toolsDir}/xtables-legacy-multi iptables --version`, /\(legacy\)/],
  [`${toolsDir}/ipset --version`, /ipset v7/],
  [`${toolsDir}/conntrack --version`, /conntrack v1/],
  [`${toolsDir}/ip -V`, /ip utility, iproute2/],
];

export function programTests(node: () => TestMachine): void {
  test("embedded-binaries: every program of the file runs", async () => {
    const machine = node();
    for (const [command, expected] of programs) {
      const { code, stdout, stderr } = await machine.sh(
        `XTABLES_LIBDIR=/var/lib/k0s/host-tools/lib/xtables ${command}`,
      );
      expect(`${command}: ${code}`).toBe(`${command}: 0`);
      expect(stdout + stderr).toMatch(expected);
    }
    const staged = (await machine.ok(["ls", binDir, toolsDir]))
      .split("\n")
      .filter((name) => !/[:]|^$/.test(name));
    const untried = staged.filter(
      (name) => !programs.some(([command]) => new RegExp(`[/ ]${name} `).test(`${command} `)),
    );
    expect(
      untried.filter((name) => !/^kubernetes$|^xtables-nft-multi$|^ip6?tables(-save|-restore)?$/.test(name)),
    ).toEqual([]);
  });

  test("the processes of Kubernetes run one and the same file, whose pages they share", async () => {
    const names = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "kubelet"];
    const script = names.map((name) => `stat -Lc %d:%i /proc/$(cat /run/k0s/${name}.pid)/exe`).join(" && ");
    const files = (await node().ok(["sh", "-c", script])).trim().split("\n");
    expect([files.length, new Set(files).size]).toEqual([names.length, 1]);
  });

  test("ctr: ctr sees the runtime of k0s, whose only namespace is that of Kubernetes", async () => {
    const machine = node();
    expect(await machine.k0s("ctr", "namespaces", "list", "-q")).toBe("k8s.io\n");
    const { code, stdout, stderr } = await machine.exec(["k0s", "ctr", "version"]);
    const versions = [...stdout.matchAll(/^ +Version: +(v2\S+)/gm)].map(([, version]) => version);
    // Of another version than the server's, ctr would warn; what the server says of an old host is not meant.
    const old = "support for cgroup v1 is deprecated";
    const warnings = stderr.split("\n").filter((line) => line !== "" && !line.includes(old));
    expect([code, warnings, versions.length, new Set(versions).size]).toEqual([0, [], 2, 1]);
    const images = await machine.k0s("ctr", "images", "list", "-q");
    expect(images).toContain("localhost/k0s/coredns:");
  });
}
