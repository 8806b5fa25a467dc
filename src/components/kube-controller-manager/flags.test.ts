import { expect, test } from "bun:test";
import { clusterConfigSchema } from "../../config/cluster-config.ts";
import { nodePaths } from "../../product/paths.ts";
import { kubeControllerManagerArgs } from "./flags.ts";

function signersWith(extraArgs: Record<string, string> = {}): Record<string, string> {
  const config = clusterConfigSchema({ single: false, dataDir: "/d", publicAddress: "192.0.2.1" }).parse({
    spec: { controllerManager: { extraArgs } },
  });
  const args = kubeControllerManagerArgs({
    config,
    paths: nodePaths({ dataDir: "/d" }),
    logLevel: "1",
    cliExtraArgs: {},
    singleController: false,
  });
  const prefix = "--cluster-signing-";
  return Object.fromEntries(
    args
      .filter((arg) => arg.startsWith(prefix))
      .map((arg) => arg.slice(prefix.length).split("=") as [string, string]),
  );
}

const standard = {
  "kube-apiserver-client-cert-file": "/d/pki/ca.crt",
  "kube-apiserver-client-key-file": "/d/pki/ca.key",
  "kubelet-client-cert-file": "/d/pki/ca.crt",
  "kubelet-client-key-file": "/d/pki/ca.key",
  "kubelet-serving-cert-file": "/d/pki/kubelet-serving-ca.crt",
  "kubelet-serving-key-file": "/d/pki/kubelet-serving-ca.key",
};

test("kubelets' serving certificates are not signed with what the API server is known by", () => {
  expect(signersWith()).toEqual(standard);
  expect(signersWith({ "cluster-signing-cert-file": "" })).toEqual(standard);
});

test("a user's authority takes the place of the cluster's, for kubelets' servers only where it is named for them", () => {
  const common = { "cluster-signing-cert-file": "/x.crt", "cluster-signing-key-file": "/x.key" };
  const clients = {
    "kube-apiserver-client-cert-file": "/x.crt",
    "kube-apiserver-client-key-file": "/x.key",
    "kubelet-client-cert-file": "/x.crt",
    "kubelet-client-key-file": "/x.key",
  };
  expect(signersWith(common)).toEqual({ ...standard, ...clients });
  const serving = {
    "cluster-signing-kubelet-serving-cert-file": "/s.crt",
    "cluster-signing-kubelet-serving-key-file": "/s.key",
  };
  expect(signersWith({ ...common, ...serving })).toEqual({
    ...clients,
    "kubelet-serving-cert-file": "/s.crt",
    "kubelet-serving-key-file": "/s.key",
  });
});

test("how long certificates live stays the user's choice", () => {
  expect(signersWith({ "cluster-signing-duration": "24h" })).toEqual({ ...standard, duration: "24h" });
});
