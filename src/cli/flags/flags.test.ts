import { describe, expect, test } from "bun:test";
import { controllerFlags, parseDisabled, parseFeatureGates } from "./controller-flags.ts";
import { defaultLogLevels, parseLogLevels } from "./logging-levels.ts";
import { controllerCommandFlags, controllerOptions, type ControllerFlagValues } from "./node-options.ts";
import { joinTokenSource, parseCriSocket, parseTaint } from "./worker-flags.ts";

function defaults(changes: Partial<ControllerFlagValues> = {}): ControllerFlagValues {
  const values = Object.fromEntries(
    Object.entries(controllerCommandFlags).map(([key, flag]) => [key, flag.defaultValue]),
  );
  return { ...(values as unknown as ControllerFlagValues), ...changes };
}

const io = { takeSecret: () => undefined, root: true };

describe("--logging", () => {
  test("each occurrence starts from the defaults", () => {
    expect(parseLogLevels(["etcd=debug", "kubelet=5,containerd=warn"])).toEqual({
      ...defaultLogLevels,
      kubelet: "5",
      containerd: "warn",
    });
  });
  test.each([["etcd"], ["=1"], ["nope=1"], ["etcd=1,"]])("%p is refused", (text) => {
    expect(() => parseLogLevels([text])).toThrow();
  });
});

describe("--disable-components", () => {
  test("collapses repetitions and accepts what once was", () => {
    expect(parseDisabled(["helm", "helm", "worker-config"])).toEqual(["helm", "worker-config"]);
    const options = controllerOptions(defaults({ disableComponents: ["helm", "worker-config"] }), [], io);
    expect([...options.disabledComponents]).toEqual(["helm"]);
  });
  test("names the unknown one", () => {
    expect(() => parseDisabled(["helm", "nope"])).toThrow("unknown component nope");
  });
});

test("--feature-gates", () => {
  expect(parseFeatureGates(["IPv6SingleStack=true"])).toEqual({ IPv6SingleStack: true });
  expect(() => parseFeatureGates(["Nope=true"])).toThrow("unknown feature gate Nope");
  expect(() => parseFeatureGates(["IPv6SingleStack"])).toThrow();
  expect(() => parseFeatureGates(["IPv6SingleStack=perhaps"])).toThrow();
});

test("--taints and --cri-socket", () => {
  expect(parseTaint("a/b=c:NoSchedule")).toEqual({ key: "a/b", value: "c", effect: "NoSchedule" });
  expect(parseTaint("a:NoExecute")).toEqual({ key: "a", value: "", effect: "NoExecute" });
  expect(() => parseTaint("a=b")).toThrow();
  expect(() => parseTaint("a=b:Sometimes")).toThrow("Sometimes is no taint effect");
  expect(parseCriSocket("remote:unix:///run/crio/crio.sock")).toBe("unix:///run/crio/crio.sock");
  expect(() => parseCriSocket("docker:unix:///run/docker.sock")).toThrow();
});

test("durations must make sense", () => {
  expect(controllerFlags.apiServerStopTimeout.parse(["90s"])).toBe(90_000);
  expect(() => controllerFlags.apiServerStopTimeout.parse(["0s"])).toThrow("must be positive");
  expect(() => controllerFlags.apiServerStopTimeout.parse(["soon"])).toThrow();
});

describe("join token", () => {
  test("from one place only", () => {
    expect(joinTokenSource([], "", undefined)).toBeUndefined();
    expect(joinTokenSource(["t"], "", "")).toEqual({ kind: "value", token: "t", from: "argument" });
    expect(joinTokenSource([], "/a/b", undefined)).toEqual({ kind: "file", path: "/a/b" });
    expect(joinTokenSource([], "", "t")).toEqual({
      kind: "value",
      token: "t",
      from: "environment",
    });
    expect(() => joinTokenSource(["t"], "", "t")).toThrow("more than one join token");
  });
});

describe("controller options", () => {
  test("--single implies a worker", () => {
    const options = controllerOptions(defaults({ single: true }), [], io);
    expect(options).toMatchObject({
      single: true,
      enableWorker: true,
      noTaints: false,
      configFile: undefined,
    });
  });
  test("directories become absolute", () => {
    const { paths } = controllerOptions(defaults({ dataDir: "data", kubeletRootDir: "kubelet" }), [], io);
    expect(paths.dataDir).toBe(`${process.cwd()}/data`);
    expect(paths.kubeletRootDir).toBe(`${process.cwd()}/kubelet`);
  });
});

test("a flag of upstream without its feature is refused, its default is not", () => {
  expect(controllerFlags.enableDynamicConfig.parse(["false"])).toBe(false);
  expect(controllerFlags.cloudProviderPort.parse(["10258"])).toBe(10_258);
  const refused = [
    () => controllerFlags.enableDynamicConfig.parse(["true"]),
    () => controllerFlags.enableMetricsScraper.parse(["true"]),
    () => controllerFlags.enableCloudProviderController.parse(["1"]),
    () => controllerFlags.cloudProviderUpdateFrequency.parse(["90s"]),
    () => controllerFlags.cloudProviderPort.parse(["10300"]),
  ];
  for (const parse of refused) expect(parse).toThrow("this is not available yet");
});
