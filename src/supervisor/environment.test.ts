import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { childEnvironment } from "./environment.ts";

const proxy = "http://proxy.example:3128";

test("nothing but what is meant for it reaches a process, no secret above all", () => {
  const inherited = {
    PATH: "/usr/bin",
    HOME: "/root",
    LC_ALL: "C.UTF-8",
    TZ: "UTC",
    SSL_CERT_FILE: "/etc/ca.pem",
    K0S_IDLE_GC: "off",
    K0S_TOKEN: "secret",
    K0S_SELF: "/usr/bin/k0s",
    BUN_OPTIONS: "--preload /evil",
    AWS_SECRET_ACCESS_KEY: "secret",
    NOTIFY_SOCKET: "/run/systemd/notify",
    CREDENTIALS_DIRECTORY: "/run/credentials",
    KUBECONFIG: "/root/.kube/config",
    GONE: undefined,
  };
  expect(childEnvironment({ name: "kubelet", binDir: "/data/bin", inherited })).toEqual({
    PATH: "/data/bin:/usr/bin",
    HOME: "/root",
    LC_ALL: "C.UTF-8",
    TZ: "UTC",
    SSL_CERT_FILE: "/etc/ca.pem",
    K0S_IDLE_GC: "off",
    _K0S_MANAGED: "yes",
  });
});

test("a variable with the prefix of one component reaches that alone, and wins", () => {
  const inherited = {
    KUBELET_AWS_PROFILE: "prod",
    KUBELET_HOME: "/srv",
    HOME: "/root",
    "KUBE-PROXY_A": "1",
    KUBELET_: "",
  };
  expect(childEnvironment({ name: "kubelet", inherited })).toEqual({
    AWS_PROFILE: "prod",
    HOME: "/srv",
    _K0S_MANAGED: "yes",
  });
  expect(childEnvironment({ name: "kube-proxy", inherited, extra: { A: "2" } })).toEqual({
    A: "2",
    HOME: "/root",
    _K0S_MANAGED: "yes",
  });
});

test("hyphens of a component may be written as underscores; upstream's way goes first", () => {
  const inherited = { KUBE_PROXY_A: "1", KUBE_PROXY_B: "1", "KUBE-PROXY_B": "2", KUBE_SCHEDULER_C: "1" };
  expect(childEnvironment({ name: "kube-proxy", inherited })).toEqual({
    A: "1",
    B: "2",
    _K0S_MANAGED: "yes",
  });
});

test("a program that looks for its prefix gets it, except for proxies and Go's runtime", () => {
  const inherited = {
    ETCD_HTTP_PROXY: "",
    ETCD_UNSUPPORTED_ARCH: "arm",
    ETCD_K0S_IDLE_GC: "off",
    HTTP_PROXY: proxy,
  };
  expect(childEnvironment({ name: "etcd", inherited, keepsPrefix: true })).toEqual({
    HTTP_PROXY: "",
    ETCD_UNSUPPORTED_ARCH: "arm",
    K0S_IDLE_GC: "off",
    _K0S_MANAGED: "yes",
  });
});

test("proxies reach whom they are meant for, with everything of the cluster excepted", () => {
  const inherited = { HTTPS_PROXY: proxy, no_proxy: "intranet.example, 192.168.0.0/16" };
  const noProxy = ["10.244.0.0/16", "10.96.0.0/12", ".cluster.local"];
  const list =
    "intranet.example,192.168.0.0/16,localhost,127.0.0.0/8,::1,.svc,10.244.0.0/16,10.96.0.0/12,.cluster.local";
  expect(childEnvironment({ name: "containerd", inherited, usesProxy: true, noProxy })).toEqual({
    HTTPS_PROXY: proxy,
    NO_PROXY: list,
    no_proxy: list,
    _K0S_MANAGED: "yes",
  });
  expect(childEnvironment({ name: "kube-apiserver", inherited, noProxy })).toEqual({ _K0S_MANAGED: "yes" });
});

test.each(["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"])(
  "a proxy by prefix (%s) has the same exceptions",
  (name) => {
    const inherited = { [`CONTAINERD_${name}`]: proxy, CONTAINERD_NO_PROXY: "mine.example" };
    const env = childEnvironment({ name: "containerd", inherited, noProxy: ["10.0.0.1"] });
    expect(env[name]).toBe(proxy);
    expect(env["NO_PROXY"]).toBe("mine.example,localhost,127.0.0.0/8,::1,.svc,10.0.0.1");
    expect(env["no_proxy"]).toBe(env["NO_PROXY"]);
  },
);

test("whatever is inherited, a name that is not known is not handed on", () => {
  const names = fc.stringMatching(/^[A-Z_]{1,20}$/).filter((name) => !name.startsWith("ETCD_"));
  fc.assert(
    fc.property(fc.dictionary(names, fc.constant("secret")), (inherited) => {
      const { _K0S_MANAGED: _, ...env } = childEnvironment({ name: "etcd", inherited, keepsPrefix: true });
      for (const name of Object.keys(env))
        expect(name).toMatch(/^(PATH|HOME|USER|SHELL|LANG|TZ|LC_.*|GO.*)$/);
    }),
  );
});
