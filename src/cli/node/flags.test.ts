import { describe, expect, test } from "bun:test";
import { controllerFlags, parseDisabled, parseFeatureGates } from "../controller/flags.ts";
import { defaultLogLevels, parseLogLevels } from "./logging-levels.ts";
import { controllerCommandFlags, controllerOptions, type ControllerFlagValues } from "./options.ts";
import { joinTokenSource, parseCriSocket, parseLabels, parseTaints, workerFlags } from "../worker/flags.ts";

function defaults(changes: Partial<ControllerFlagValues> = {}): ControllerFlagValues {
  const values = Object.fromEntries(
    Object.entries(controllerCommandFlags).map(([key, flag]) => [key, flag.defaultValue]),
  );
  return { ...(values as unknown as ControllerFlagValues), ...changes };
}

const io = { takeSecret: () => undefined, root: true };

describe("--logging", () => {
  // Upstream forgets the occurrences before the last one.
  test("all occurrences add up", () => {
    expect(parseLogLevels(["etcd=debug", "kubelet=5,containerd=warn"])).toEqual({
      ...defaultLogLevels,
      etcd: "debug",
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

test("--taints, --labels and --kubelet-extra-args are refused as kubelet would later", () => {
  expect(parseTaints(["a/b=c:NoSchedule", "a:NoExecute"])).toEqual([
    { key: "a/b", value: "c", effect: "NoSchedule" },
    { key: "a", value: "", effect: "NoExecute" },
  ]);
  expect(() => parseTaints(["a=b"])).toThrow();
  expect(() => parseTaints(["a=b:Sometimes"])).toThrow("Sometimes is no taint effect");
  expect(() => parseTaints(["a b=c:NoSchedule"])).toThrow('the taint key "a b"');
  expect(parseLabels(["a=b", "c="])).toEqual({ a: "b", c: "" });
  expect(() => parseLabels(["=x"])).toThrow("has no name");
  const { kubeletExtraArgs } = workerFlags;
  expect(() => kubeletExtraArgs.parse(["--node-labels=kubernetes.io/x=y"])).toThrow("may not give itself");
  // kubelet takes these.
  for (const given of ["--node-labels=gpu", "--node-labels=a=1,,gpu,", "--node-labels="])
    expect(kubeletExtraArgs.parse([given])).toEqual({ "node-labels": given.slice("--node-labels=".length) });
});

test("what is given twice adds up, or the last one counts, as for upstream and kubelet, and that is said", () => {
  const { kubeletExtraArgs } = workerFlags;
  expect(kubeletExtraArgs.parse(["--max-pods=55", "--v=2 --max-pods=55"])).toEqual({
    "max-pods": "55",
    v: "2",
  });
  expect(kubeletExtraArgs.parse(["--feature-gates=A=true", "--feature-gates=B=false"])).toEqual({
    "feature-gates": "A=true,B=false",
  });
  for (const texts of [["--max-pods=55", "--max-pods=60"], ["--max-pods=55 --max-pods=60"]]) {
    expect(kubeletExtraArgs.parse(texts)).toEqual({ "max-pods": "60" });
    expect(kubeletExtraArgs.remarks?.(texts)).toEqual([
      "--max-pods is given twice: 55 and 60; the last one counts",
    ]);
  }
  expect(
    kubeletExtraArgs.remarks?.(["--v=2 --v=2", "--feature-gates=A=true --feature-gates=B=true"]),
  ).toEqual([]);
  const { labels } = workerFlags;
  expect(labels.parse(["a=1", "a=2"])).toEqual({ a: "2" });
  const remark = "the label a is given twice: 1 and 2; the last one counts";
  expect(labels.remarks?.(["a=1", "a=2"])).toEqual([remark]);
  expect(kubeletExtraArgs.remarks?.(["--node-labels=a=1", "--node-labels=b=1,a=2"])).toEqual([remark]);
});

test("--cri-socket", () => {
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
  expect(controllerFlags.enableMetricsScraper.parse(["false"])).toBe(false);
  expect(() => controllerFlags.enableMetricsScraper.parse(["true"])).toThrow("this is not available yet");
});

describe("k0s' cloud provider", () => {
  const { k0sCloudProviderPort: port, k0sCloudProviderUpdateFrequency: frequency } = controllerFlags;

  test("does not run by itself", () => {
    const { k0sCloudProvider } = controllerOptions(defaults({ k0sCloudProviderPort: 10_300 }), [], io);
    expect(k0sCloudProvider).toBeUndefined();
  });

  test("runs with what it is given", () => {
    const flags = defaults({
      enableK0sCloudProvider: true,
      k0sCloudProviderPort: port.parse(["10300"]),
      k0sCloudProviderUpdateFrequency: frequency.parse(["90s"]),
    });
    const { k0sCloudProvider } = controllerOptions(flags, [], io);
    expect(k0sCloudProvider).toEqual({ port: 10_300, updateEveryMs: 90_000 });
  });

  test("takes 0 for the default, and refuses what cannot be", () => {
    expect([port.parse(["0"]), frequency.parse(["0"])]).toEqual([port.defaultValue, frequency.defaultValue]);
    expect(() => port.parse(["-1"])).toThrow("must be a whole number");
    expect(() => port.parse(["65536"])).toThrow("must be a port");
    expect(() => frequency.parse(["-5s"])).toThrow("must be 1s or more");
    expect(() => frequency.parse(["1ns"])).toThrow("must be 1s or more");
  });
});
