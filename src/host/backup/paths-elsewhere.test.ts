import { expect, test } from "bun:test";
import { parseClusterConfig } from "../../config/load.ts";
import { pathsElsewhere } from "./paths-elsewhere.ts";

test("files of kube-apiserver that lie outside of the saved directories are named", () => {
  const text = `apiVersion: k0s.k0sproject.io/v1beta1
kind: ClusterConfig
spec:
  api:
    extraArgs: {encryption-provider-config: /etc/own.yaml, audit-policy-file: /d/pki/policy.yaml, v: "2"}
`;
  const defaults = { single: false, dataDir: "/d", publicAddress: "10.0.0.7", clusterExists: true };
  expect(pathsElsewhere(parseClusterConfig(text, defaults).config, "/d")).toEqual(["/etc/own.yaml"]);
});
