import { describe, expect, test } from "bun:test";
import { pluginNames, readKubectlArguments } from "./arguments.ts";

test("takes out what only k0s knows, up to the double dash", () => {
  const read = readKubectlArguments([
    "--data-dir",
    "/x",
    "exec",
    "--debug",
    "pod",
    "--",
    "app",
    "--debug",
    "--data-dir=/y",
  ]);
  expect(read).toMatchObject({
    dataDir: "/x",
    args: ["exec", "pod", "--", "app", "--debug", "--data-dir=/y"],
  });
});

test.each([
  [["get", "pods"], ["get", "pods"], undefined],
  [["-n", "kube-system", "get", "pods", "-o", "yaml"], ["get", "pods"], undefined],
  [["--namespace=x", "-v8", "foo", "bar", "--baz"], ["foo", "bar"], undefined],
  [["--bar", "foo"], ["foo"], "--bar"],
  [[], [], undefined],
])("%p", (args, words, unknownFlag) => {
  expect(readKubectlArguments(args)).toMatchObject({ words, unknownFlag });
});

test("knows what needs no cluster", () => {
  expect(readKubectlArguments(["version", "--client"]).local).toBe(true);
  expect(readKubectlArguments(["version"]).local).toBe(false);
  expect(readKubectlArguments(["get", "--help"]).local).toBe(true);
  expect(readKubectlArguments(["config", "view"]).local).toBe(true);
  expect(readKubectlArguments(["exec", "p", "--", "ls", "--help"]).local).toBe(false);
});

test("sees --kubeconfig", () => {
  expect(readKubectlArguments(["get", "pods", "--kubeconfig=x"]).kubeconfig).toBe(true);
  expect(readKubectlArguments(["get", "pods"]).kubeconfig).toBe(false);
});

describe("plug-ins", () => {
  test("the longest name first, dashes inside words become underscores", () => {
    expect(pluginNames(["foo-bar", "baz"])).toEqual(["kubectl-foo_bar-baz", "kubectl-foo_bar"]);
  });
});
