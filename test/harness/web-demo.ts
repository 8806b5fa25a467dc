// What the tests let a cluster do for a living: web servers behind a Service, and a pod that asks them.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestMachine } from "./test-machine.ts";

/**
 * Three web servers behind the Service `web` and the pod `visitor`, all of them ready, in `limit` as kubectl counts. With
 * `probeSeconds` kubelet asks them less often, and waits as long for an answer: a machine in emulation has other things to do.
 */
export async function startWeb(
  node: Pick<TestMachine, "kubectl" | "apply">,
  { limit = "240s", probeSeconds }: { readonly limit?: string; readonly probeSeconds?: number } = {},
): Promise<void> {
  const manifest = await readFile(join(import.meta.dir, "../main-job/web.yaml"), "utf8");
  await node.apply(probeSeconds === undefined ? manifest : patient(manifest, probeSeconds));
  await node.kubectl("rollout", "status", "deployment/web", `--timeout=${limit}`);
  await node.kubectl("wait", "--for=condition=Ready", "pod/visitor", `--timeout=${limit}`);
}

function patient(manifest: string, seconds: number): string {
  const often = "periodSeconds: 1\n";
  const size = "  replicas: 3\n";
  if (![often, size].every((line) => manifest.includes(line))) throw new Error("web.yaml is another one now");
  return manifest
    .replace(often, `periodSeconds: ${seconds}\n            timeoutSeconds: ${seconds}\n`)
    .replace(size, `${size}  progressDeadlineSeconds: 1800\n`);
}

/** Until the visitor gets an answer from the Service: one is not known everywhere as soon as its pods are ready. */
export async function webAnswers(
  machine: Pick<TestMachine, "waitFor" | "kubectl">,
  service = "web",
): Promise<void> {
  const url = `http://${service}.default.svc.cluster.local/`;
  await machine.waitFor(`an answer of ${service}`, async () =>
    (await machine.kubectl("exec", "visitor", "--", "timeout", "10", "wget", "-qO-", url)).includes(
      `nginx on ${service}-`,
    ),
  );
}

/** A Deployment and a Service come to life and another pod gets an answer: every component of the node has done its part. */
export async function deployAndAsk(node: TestMachine, name: string): Promise<void> {
  const { kubectl } = node;
  await kubectl("create", "deployment", name, "--image=localhost/k0s/web:1", "--port=8080");
  await kubectl("expose", "deployment", name, "--port=80", "--target-port=8080");
  await kubectl("rollout", "status", `deployment/${name}`, "--timeout=240s");
  await webAnswers(node, name);
  await kubectl("delete", "deployment,service", name);
}
