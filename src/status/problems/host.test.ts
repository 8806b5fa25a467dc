import { describe, expect, test } from "bun:test";
import { hostProblems, type HostFacts, onePerFileSystem } from "./host.ts";
import { chosenCniFile, ownNetworks } from "./cni-config.ts";
import { configDefaultsFor } from "../../config/cluster-config.ts";
import { calicoObjects } from "../../components/network/calico/manifest.ts";
import { kubeRouterObjects } from "../../components/network/kube-router/manifest.ts";
import type { KnownCertificate } from "./certificates.ts";
import { problemText } from "./problem.ts";

const now = new Date("2026-11-26T10:00:00Z");
const day = 86_400_000;
const from = (ms: number): Date => new Date(now.getTime() + ms);

const certificate = (
  startMs: number,
  endMs: number,
  changes: Partial<KnownCertificate> = {},
): KnownCertificate => ({
  path: "/pki/a.crt",
  notBefore: from(startMs),
  notAfter: from(endMs),
  isAuthority: false,
  ofKubelet: false,
  ...changes,
});
const room = { path: "/var/lib/k0s", freeBytes: 10 ** 10, freeInodes: 10 ** 6 };
const calico = {
  name: "10-calico.conflist",
  text: JSON.stringify({ name: "k8s-pod-network", plugins: [{ type: "calico" }] }),
};
const foreign = (name: string, config: object) => ({ name, text: JSON.stringify(config) });
const cilium = foreign("05-cilium.conflist", { name: "cilium", plugins: [{ type: "cilium-cni" }] });

const well: HostFacts = {
  rooms: [room],
  certificates: [certificate(-day, 300 * day), certificate(-day, 3650 * day, { isAuthority: true })],
  damaged: [],
  cniFiles: [calico],
  fileFaults: [],
  networkProvider: "calico",
  clockAheadMs: 1_000,
};
const sentences = (changes: Partial<HostFacts>): string =>
  hostProblems({ ...well, ...changes }, now)
    .map(problemText)
    .join("\n");

test("a host that is well has no problem", () => expect(sentences({})).toBe(""));

const wrong: readonly (readonly [name: string, changes: Partial<HostFacts>, text: RegExp])[] = [
  [
    "a full disk",
    { rooms: [{ ...room, freeBytes: 0 }] },
    /^the disk of \/var\/lib\/k0s is full: 0 B are free; free some/,
  ],
  ["no inodes", { rooms: [{ ...room, freeInodes: 0 }] }, /only 0 more files can be made/],
  [
    "a read-only disk",
    { rooms: [{ ...room, notWritable: "the file system is read-only" }] },
    /^cannot write to .*read-only; .*dmesg/,
  ],
  [
    "a clock that is ahead",
    { clockAheadMs: 120_000 },
    /^the clock of this host is 120 s ahead of that of the API server.*; set it right/,
  ],
  ["a clock that is behind", { clockAheadMs: -90_000 }, /90 s behind/],
  [
    "a certificate that has ended",
    { certificates: [certificate(-day, -1)] },
    /^the certificate \/pki\/a.crt ended on .*; a restart of k0s renews it$/,
  ],
  [
    "kubelet's has ended",
    { certificates: [certificate(-day, -1, { ofKubelet: true })] },
    /; let this node join anew: `k0s reset`/,
  ],
  ["one that nobody renews", { certificates: [certificate(-99 * day, day)] }, /ends in 24h0m0s; a restart/],
  [
    "an authority that ends soon",
    { certificates: [certificate(-day, 20 * day, { isAuthority: true })] },
    /^the certificate authority .* ends in 20 days; k0s does not renew/,
  ],
  [
    "one that is not valid yet",
    { certificates: [certificate(day, 2 * day)] },
    /is valid from .* only, and here it is 2026-11-26T10:00:00.000Z; set the clock/,
  ],
  [
    "a key that is gone, before all that it leads to",
    {
      fileFaults: [
        { kind: "key", path: "/pki/ca.key", text: "/pki/ca.key is missing", remedy: "put it back" },
      ],
      rooms: [{ ...room, freeBytes: 0 }],
    },
    /^\/pki\/ca.key is missing; put it back\nthe disk/,
  ],
  ["a damaged certificate", { damaged: ["/pki/b.crt"] }, /^\/pki\/b.crt holds no certificate/],
  [
    "a stranger's network",
    { cniFiles: [calico, cilium] },
    /^the network configuration \/etc\/cni\/net.d\/05-cilium.conflist \(cilium-cni\) is not of this cluster.*; remove it/,
  ],
  ["a stranger's network alone", { cniFiles: [cilium] }, /05-cilium/],
  [
    "a stranger's network before kube-router's",
    { cniFiles: [cilium], networkProvider: "kuberouter" },
    /05-cilium/,
  ],
];
describe("is a problem", () => {
  test.each(wrong)("%s", (_, changes, text) => expect(sentences(changes)).toMatch(text));
});

const fine: readonly (readonly [name: string, changes: Partial<HostFacts>])[] = [
  [
    "a stranger's network that sorts after ours",
    { cniFiles: [calico, foreign("20-x.conf", { name: "x", type: "bridge" })] },
  ],
  [
    "what containerd cannot read, either",
    {
      cniFiles: [
        calico,
        { name: "05-broken.conf", text: "{" },
        foreign("06-x.conflist", { name: "x", plugins: [] }),
      ],
    },
  ],
  [
    "other files",
    { cniFiles: [calico, { name: "05-readme.txt", text: "" }, { name: "00-calico-kubeconfig", text: "x" }] },
  ],
  [
    "a plug-in that hands on to ours",
    { cniFiles: [calico, foreign("00-multus.conf", { name: "multus", type: "multus" })] },
  ],
  ["a network of the user's choice", { cniFiles: [cilium], networkProvider: "custom" }],
  ["a network that is not known yet", { cniFiles: [cilium], networkProvider: undefined }],
  ["no network yet", { cniFiles: [] }],
  ["a short-lived certificate in the middle of its life", { certificates: [certificate(-30_000, 30_000)] }],
  ["a clock that nobody can compare", { clockAheadMs: undefined }],
];
describe("is no problem", () => {
  test.each(fine)("%s", (_, changes) => expect(sentences(changes)).toBe(""));
});

test("the names of our own networks are those that the manifests write", () => {
  const config = (provider: "calico" | "kuberouter"): object[] => {
    const defaults = configDefaultsFor({ single: true, dataDir: "/d", publicAddress: "10.0.0.1" });
    const cluster = {
      ...defaults,
      spec: { ...defaults.spec, network: { ...defaults.spec.network, provider } },
    };
    return provider === "calico" ? calicoObjects(cluster) : kubeRouterObjects(cluster, { proxied: true });
  };
  for (const provider of ["calico", "kuberouter"] as const) {
    const text = JSON.stringify(config(provider)).replaceAll("\\", "");
    expect(text).toContain(`"name":"${ownNetworks[provider]}"`);
  }
});

test("containerd takes the first file by name that it can read", () => {
  expect(chosenCniFile([cilium, calico])?.file).toBe("05-cilium.conflist");
  expect(chosenCniFile([])).toBeUndefined();
});

test("a directory that is mounted read-only is named, also when its file system can be written to elsewhere", () => {
  const data = { ...room, device: 7 };
  const images = { ...data, path: "/var/lib/k0s/images", notWritable: "the file system is read-only" };
  const run = { ...data, path: "/run/k0s" };
  expect(onePerFileSystem([data, images, run]).map(({ path }) => path)).toEqual([data.path, images.path]);
  const readOnly = [data, run].map((one) => ({ ...one, notWritable: "the file system is read-only" }));
  expect(onePerFileSystem([...readOnly, images])).toHaveLength(1);
});
