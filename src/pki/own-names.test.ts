import { expect, test } from "bun:test";
import { ownPkiNames } from "./own-names.ts";

test("every name that k0s gives in its PKI directory, and none that it gives elsewhere", () => {
  expect([...ownPkiNames()].toSorted()).toEqual([
    "admin",
    "apiserver-etcd-client",
    "apiserver-kubelet-client",
    "ca",
    "ccm",
    "front-proxy-ca",
    "front-proxy-client",
    "k0s-api",
    "konnectivity",
    "kubelet-serving-bundle",
    "kubelet-serving-ca",
    "sa",
    "scheduler",
    "server",
  ]);
});
