// `make run`: the main job for real. A sandboxed cluster from the one file, three web servers behind a Service, and the
// answer that another pod gets from them by name.

import { spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { buildDemoImages } from "../../build/images/demo-images.ts";
import { deleteSandbox, k0s, sandboxName } from "./sandbox.ts";

const here = import.meta.dir;

interface Step {
  readonly argv: readonly string[];
  /** File for standard input. */
  readonly inputFile?: string;
  /** Return what it prints instead of showing it. */
  readonly capture?: boolean;
}

/** Runs a command to its end; a failure ends the program with the command's own words. */
function must({ argv, inputFile, capture }: Step): string {
  const [program = "", ...args] = argv;
  const input = inputFile === undefined ? "ignore" : openSync(inputFile, "r");
  const result = spawnSync(program, args, {
    stdio: [input, capture === true ? "pipe" : "inherit", "inherit"],
    encoding: "utf8",
    timeout: 300_000,
  });
  if (typeof input === "number") closeSync(input);
  if (result.error !== undefined) throw result.error;
  if (result.status === 0) return result.stdout ?? "";
  console.error(`make run: ${argv.join(" ")} failed with exit code ${result.status}`);
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
deleteSandbox("ignore");
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
must({ argv: kubectl("rollout", "status", "deployment/web", "--timeout=240s") });
must({ argv: kubectl("wait", "--for=condition=Ready", "pod/visitor", "--timeout=240s") });
const url = "http://web.default.svc.cluster.local/";
// A Service is not known everywhere as soon as its pods are ready.
const ask = `until wget -qO- -T 5 ${url} 2>/dev/null; do sleep 0.1; done`;
const answer = must({
  argv: kubectl("exec", "visitor", "--", "timeout", "60", "sh", "-c", ask),
  capture: true,
});
must({ argv: kubectl("get", "nodes,deployments,services,pods", "-o", "wide") });

const seconds = ((performance.now() - started) / 1000).toFixed(1);
console.log(`
The pod "visitor" asked ${url} and was answered:
${answer.trimEnd().replaceAll(/^/gm, "  | ")}

Done in ${seconds} s. The cluster keeps running in its sandbox; this host's network and disks are as they were.
  dist/k0s sandbox exec ${sandboxName} -- k0s kubectl get pods -A     use kubectl on it
  make stop                                             end it, nothing stays behind`);
