import { expect, test } from "bun:test";
import { clusterConfigSchema } from "../../config/cluster-config.ts";
import { nodePaths } from "../../product/paths.ts";
import { kubeApiserverArgs } from "./flags.ts";

function argsWith(konnectivity: boolean, extraArgs: Record<string, string> = {}): string[] {
  const config = clusterConfigSchema({ single: false, dataDir: "/d", publicAddress: "192.0.2.1" }).parse({
    spec: { api: { extraArgs } },
  });
  return kubeApiserverArgs({
    config,
    paths: nodePaths({ dataDir: "/d" }),
    logLevel: "1",
    konnectivity,
    foreignEndpoints: false,
    stopTimeoutMs: 10_000,
  });
}

test("a kubelet is known by its own authority, everybody else by the cluster's", () => {
  const args = argsWith(true);
  expect(args).toContain("--kubelet-certificate-authority=/d/pki/kubelet-serving-bundle.crt");
  expect(args).toContain("--client-ca-file=/d/pki/ca.crt");
});

test("through tunnels webhooks are reached at their pods, without any as everybody reaches a Service", () => {
  const routing = (args: readonly string[]): readonly string[] =>
    args.filter((arg) => arg.startsWith("--enable-aggregator-routing"));
  expect(routing(argsWith(true))).toEqual(["--enable-aggregator-routing=true"]);
  expect(routing(argsWith(false))).toEqual([]);
  expect(routing(argsWith(true, { "enable-aggregator-routing": "false" }))).toEqual([
    "--enable-aggregator-routing=false",
  ]);
});
