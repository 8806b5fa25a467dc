import { expect, test } from "bun:test";
import { parseClusterConfig } from "../../config/load.ts";
import { signsWithOwnAuthority } from "./node-names.ts";

const flag = "cluster-signing-kubelet-serving-cert-file";

test.each([
  ["", {}, true],
  [`extraArgs: {${flag}: /other.crt}`, {}, false],
  [`rawArgs: ['--${flag}=/other.crt']`, {}, false],
  [`rawArgs: ['--${flag}', /other.crt]`, {}, false],
  ["", { [flag]: "/other.crt" }, false],
])(
  "kubelets' certificates are of k0s' own authority unless another is named: %s %o",
  (fields, given, own) => {
    const node = { single: false, dataDir: "/d", publicAddress: "10.0.0.1" };
    const { config } = parseClusterConfig(`spec: {controllerManager: {${fields}}}`, node);
    expect(signsWithOwnAuthority(config, given)).toBe(own);
  },
);
