// What is given to `k0s install` is what the service runs with: flags → the words of the definition → flags.

import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { serviceArguments } from "../../host/service/service-arguments.ts";
import { buildProgram } from "../core/build-program.ts";
import { defineCommand, type Invocation } from "../core/command.ts";
import type { FlagSet } from "../core/flag.ts";
import { testIo } from "../core/test-io.ts";
import { controllerCommandFlags, workerCommandFlags } from "../node/options.ts";
import { serviceFlags } from "./command.ts";

const bool = fc.constantFrom("true", "false", "1", "F");
const anything = fc.string({ unit: "grapheme", maxLength: 12 }).map((text) => text.replaceAll("\0", ""));
const path = anything.map((text) =>
  `/a/${text}/b`.replaceAll(/\/+/g, "/").replaceAll(/\/\.{1,2}(?=\/)/g, "/x"),
);
const duration = fc.constantFrom("1m", "90s", "1h2m3s");
const listOf = (...items: readonly string[]) =>
  fc.array(fc.constantFrom(...items), { maxLength: 3 }).map((chosen) => chosen.join(","));
const extraArgs = fc.constantFrom("", "--a=b", `--a="b c" --d='e f'`, "--x --y=1,2", "--x=$HOME \\\\ `id`");
const byDefault = (text: string) => fc.constant(text);

/** Texts that each flag accepts; one that is missing here does not compile. */
const texts: Readonly<Record<keyof typeof controllerCommandFlags, fc.Arbitrary<string>>> = {
  dataDir: path,
  statusSocket: path,
  kubeletRootDir: path,
  tokenFile: path,
  config: path,
  debug: bool,
  verbose: bool,
  debugListenOn: anything,
  profile: anything,
  enableCloudProvider: bool,
  logging: listOf("kubelet=5", "etcd=debug", "kubelet=2", "kube-apiserver=1"),
  labels: listOf("a=b", "x.io/y=z", "a=c", "e="),
  // The same one twice is refused: each gets a number of its own below.
  taints: fc.constant("k\u0001=v:NoSchedule,x.io/k\u0001:NoExecute"),
  kubeletExtraArgs: extraArgs,
  iptablesMode: fc.constantFrom("nft", "legacy", "auto", ""),
  ignorePreFlightChecks: bool,
  criSocket: fc.constantFrom("", "remote:unix:///run/a b.sock", "remote:/run/x.sock"),
  cidrRange: anything,
  noProgress: bool,
  enableWorker: bool,
  single: bool,
  noTaints: bool,
  disableComponents: listOf("coredns", "metrics-server", "worker-config", "helm"),
  enableDynamicConfig: byDefault("false"),
  enableMetricsScraper: byDefault("false"),
  enableK0sCloudProvider: bool,
  k0sCloudProviderUpdateFrequency: duration,
  k0sCloudProviderPort: fc.constantFrom("10258", "1", "65535", "0"),
  kubeControllerManagerExtraArgs: extraArgs,
  featureGates: listOf("IPv6SingleStack=true", "IPv6SingleStack=0"),
  initOnly: bool,
  apiServerStopTimeout: duration,
};

async function parse<F extends FlagSet>(flags: F, args: readonly string[]): Promise<Invocation<F>> {
  const seen: Invocation<F>[] = [];
  const run = defineCommand({
    name: "controller",
    summary: "",
    flags,
    run: async (one) => void seen.push(one),
  });
  const root = defineCommand({ name: "k0s", summary: "", commands: [run] });
  await buildProgram(root, testIo(), () => {}).parseAsync([...args], { from: "user" });
  const [invocation] = seen;
  if (invocation === undefined) throw new Error("the command did not run");
  return invocation;
}

/** `--name=text`, each flag up to three times, in any order. */
const commandLine = fc
  .array(
    fc
      .constantFrom(...(Object.keys(texts) as (keyof typeof texts)[]))
      .chain((key) => texts[key].map((text) => `--${controllerCommandFlags[key].name}=${text}`)),
    { maxLength: 8 },
  )
  .map((words) => ["controller", ...words.map((word, at) => word.replaceAll("\u0001", String(at)))]);

test("the flags of a service are those that were given to its installation", async () => {
  const installFlags = { ...controllerCommandFlags, ...serviceFlags };
  await fc.assert(
    fc.asyncProperty(commandLine, async (words) => {
      const installed = await parse(installFlags, [...words, "--force", "--env=A=b", "--start=true"]);
      const args = serviceArguments("controller", installed.givenTexts, "/somewhere");
      const { env: _env, force: _force, start: _start, ...meant } = installed.flags;
      expect((await parse(controllerCommandFlags, args)).flags).toEqual(meant);
      // k0sctl compares them with what it has given: one word for each flag, none that was not given.
      expect(new Set(args.slice(1).map((word) => word.split("=")[0]))).toEqual(
        new Set(words.slice(1).map((word) => word.split("=")[0])),
      );
      expect(args).toHaveLength(1 + new Set(words.slice(1).map((word) => word.split("=")[0])).size);
    }),
    { numRuns: 60 },
  );
});

test("a worker has no flag that a controller has not", () => {
  expect(Object.keys(controllerCommandFlags)).toEqual(
    expect.arrayContaining(Object.keys(workerCommandFlags)),
  );
});
