import { describe, expect, test } from "bun:test";
import * as derived from "./derived.ts";
import { defaultImageUri, imageKeys, imageUri, withRepository } from "./images.ts";
import { parseClusterConfig } from "./load.ts";
import { kubeletFieldsRelease } from "./schema/kubelet-fields.ts";
import { parseHostPort } from "./schema/names.ts";
import { componentVersions } from "../product/versions.ts";
import { kubernetesMinor } from "../std/semver-k0s.ts";

const node = { single: false, dataDir: "/var/lib/k0s", publicAddress: "10.0.0.1" };
const config = (spec = "") => parseClusterConfig(`spec: {${spec}}`, node).config;
const dual = "dualStack: {enabled: true, IPv6podCIDR: 'fd00::/108', IPv6serviceCIDR: 'fd01::/108'}";

describe("addresses", () => {
  test("of DNS and of the API service", () => {
    expect(derived.dnsAddress(config())).toBe("10.96.0.10");
    expect(derived.kubernetesServiceAddresses(config())).toEqual(["10.96.0.1"]);
    expect(derived.dnsAddress(config("network: {serviceCIDR: 10.96.0.248/29}"))).toBe("10.96.0.250");
    expect(derived.dnsAddressIn("fd01::/108")).toBe("fd01::a");
    expect(() => derived.dnsAddressIn("10.96.0.0/32")).toThrow(RangeError);
  });

  test("dual stack: the primary family first", () => {
    const v4 = config(`network: {${dual}}`);
    expect(derived.clusterCidrs(v4)).toEqual({
      pods: ["10.244.0.0/16", "fd00::/108"],
      services: ["10.96.0.0/12", "fd01::/108"],
    });
    const v6 = config(`api: {address: 'fd05::1'}, network: {${dual}}`);
    expect(derived.primaryAddressFamily(v6)).toBe("IPv6");
    expect(derived.serviceCidrs(v6)).toEqual(["fd01::/108", "10.96.0.0/12"]);
    expect(derived.dnsAddress(v6)).toBe("fd01::a");
    expect(derived.kubernetesServiceAddresses(v6)).toEqual(["fd01::1", "10.96.0.1"]);
  });

  test("URLs", () => {
    const plain = config("api: {port: 7443}");
    expect(derived.localApiUrl(plain)).toBe("https://localhost:7443");
    expect(derived.externalApiUrl(plain)).toBe("https://10.0.0.1:7443");
    expect(derived.joinApiUrl(plain)).toBe("https://10.0.0.1:9443");
    const balanced = config(
      "api: {externalAddress: 'lb.example:443', onlyBindToAddress: true, address: 'fd05::1'}",
    );
    expect(derived.localApiUrl(balanced)).toBe("https://[fd05::1]:6443");
    expect(derived.externalApiUrl(balanced)).toBe("https://lb.example:443");
    expect(derived.joinApiUrl(balanced)).toBe("https://lb.example:443");
  });

  test("host and port", () => {
    expect(parseHostPort("[fd00::1]:443")).toEqual({ host: "fd00::1", port: 443 });
    expect(parseHostPort("fd00::1")).toEqual({ host: "fd00::1", port: undefined });
    for (const text of ["", ":1", "a:0", "a:70000", "[host]:1", "a b"])
      expect(parseHostPort(text)).toBeUndefined();
  });

  test("names of the server certificates, each once", () => {
    const sans = derived.apiServerSans(
      config("api: {sans: [10.0.0.1, k.example], externalAddress: 'lb:1'}"),
      {
        addresses: ["127.0.0.1", "FE80::0:1", "10.0.0.1"],
      },
    );
    const service = [
      "kubernetes",
      "kubernetes.default",
      "kubernetes.default.svc",
      "kubernetes.default.svc.cluster.local",
    ];
    const dotted = service.map((name) => `${name}.`);
    const others = ["localhost", "127.0.0.1", "lb", "10.0.0.1", "k.example", "fe80::1", "10.96.0.1"];
    expect(sans).toEqual([...service, ...dotted, ...others]);
  });
});

test("feature gates of a component", () => {
  const gated = config(
    "featureGates: [{name: A, enabled: true}, {name: B, enabled: false, components: [kubelet]}]",
  );
  expect(derived.featureGateFlags(gated, "kubelet")).toEqual(["A=true", "B=false"]);
  expect(derived.featureGatesFor(gated, "kube-proxy")).toEqual({ A: true });
});

test("storage that others can join", () => {
  const joinable = (source: string) =>
    derived.isStorageJoinable(config(`storage: {type: kine, kine: {dataSource: '${source}'}}`));
  expect(derived.isStorageJoinable(config())).toBe(true);
  expect(
    ["sqlite://a", "mysql://tcp(a)/", "nats://a", "nats://a?noEmbed", "https://a"].map(joinable),
  ).toEqual([false, true, false, true, true]);
});

describe("images", () => {
  test("defaults are our own and can be replaced one by one", () => {
    expect(imageUri(config(), "coredns")).toBe(`localhost/k0s/coredns:${componentVersions.coredns}`);
    expect(imageKeys().map((key) => imageUri(config(), key))).toEqual(imageKeys().map(defaultImageUri));
    expect(imageUri(config("images: {calico: {node: {version: x}}}"), "calico.node")).toBe(
      "localhost/k0s/calico-node:x",
    );
  });

  test("the repository replaces a registry or comes before a bare name", () => {
    expect(imageUri(config("images: {repository: 'reg.example:5000/m'}"), "pause")).toStartWith(
      "reg.example:5000/m/k0s/pause:",
    );
    expect(withRepository("reg.example/a/b", "reg.example/a")).toBe("reg.example/a/b");
    expect(withRepository("a/b", "reg.example")).toBe("reg.example/a/b");
    expect(withRepository("b", "reg.example")).toBe("reg.example/b");
  });
});

test("the kubelet fields are those of our Kubernetes release", () => {
  expect(kubeletFieldsRelease).toBe(kubernetesMinor(componentVersions.kubernetes));
});
