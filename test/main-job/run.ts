// `make run`: the main job for real. A sandboxed cluster from the one file, three web servers behind a Service, and the
// answer that another pod gets from them by name.

import { spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { buildDemoImages } from "../../build/images/demo-images.ts";
import { errorMessage } from "../../src/std/errors.ts";
import { describeEnd } from "../../src/std/program-end.ts";
import { ask } from "./ask.ts";
import { podsReady } from "./pods.ts";
import { deleteSandbox, k0s, sandboxName } from "./sandbox.ts";

const here = import.meta.dir;

interface Step {
  readonly argv: readonly string[];
  /** File for standard input. */
  readonly inputFile?: string;
}

/** Runs a command to its end; a failure ends the program, after the command's own words. */
function must({ argv, inputFile }: Step): void {
  const [program = "", ...args] = argv;
  const input = inputFile === undefined ? "ignore" : openSync(inputFile, "r");
  const result = spawnSync(program, args, { stdio: [input, "inherit", "inherit"], timeout: 300_000 });
  if (typeof input === "number") closeSync(input);
  if (result.error !== undefined) throw result.error;
  if (result.status !== 0)
    fail(`${argv.join(" ")} ${describeEnd({ code: result.status, signal: result.signal })}`);
}

function fail(why: string): never {
  console.error(`make run: ${why}`);
  process.exit(1);
}

const inSandbox = (...argv: readonly string[]): readonly string[] => [
  k0s,
  "sandbox",
  "exec",
  sandboxName,
  "--",
  ...argv,
];
const kubectl = (...argv: readonly string[]): readonly string[] => inSandbox("k0s", "kubectl", ...argv);

const started = performance.now();
const demoImages = await buildDemoImages();
await deleteSandbox();
must({ argv: [k0s, "sandbox", "create", sandboxName] });
// A bundle dropped into the images folder is imported at once.
must({
  argv: inSandbox(
    "sh",
    "-c",
    "mkdir -p /var/lib/k0s/images && cat > /var/lib/k0s/images/.demo && mv /var/lib/k0s/images/.demo /var/lib/k0s/images/demo.tar",
  ),
  inputFile: demoImages,
});
must({ argv: kubectl("apply", "--server-side", "-f", "-"), inputFile: join(here, "web.yaml") });
// Three of the Deployment, and the visitor.
await podsReady({ kubectl: kubectl(), count: 4, timeoutMs: 240_000 }).catch((err: unknown) =>
  fail(errorMessage(err)),
);
const url = "http://web.default.svc.cluster.local/";
const answer = await ask({
  through: kubectl("exec", "visitor", "--"),
  url,
  timeoutMs: 60_000,
}).catch((err: unknown) => fail(errorMessage(err)));
must({ argv: kubectl("get", "nodes,deployments,services,pods", "-o", "wide") });

const seconds = ((performance.now() - started) / 1000).toFixed(1);
console.log(`
The pod "visitor" asked ${url} and was answered:
${answer.trimEnd().replaceAll(/^/gm, "  | ")}

Done in ${seconds} s. The cluster keeps running in its sandbox; this host's network and disks are as they were.
  dist/k0s sandbox exec ${sandboxName} -- k0s kubectl get pods -A     use kubectl on it
  make stop                                             end it, nothing stays behind`);
