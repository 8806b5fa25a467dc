// Many nodes that join at once, as far as they ask the cluster: arguments are how many, the number of the first, a
// controller's and a worker's token.
// In turn: as controllers (the cluster's authorities, who is a member of etcd), as workers (a client certificate each), as
// kubelets of these (a Node, a serving certificate each). Times in milliseconds of those that came to an end in time, how many
// did not, and the processor time of k0s for each. All of them are this one process, on the cores of the controller.

import "reflect-metadata";
import { Pkcs10CertificateRequestGenerator, SubjectAlternativeNameExtension } from "@peculiar/x509";
import { joinClient } from "../../src/components/controller-join/client.ts";
import { requestNodeCertificate } from "../../src/components/worker-join/certificate.ts";
import { createKubeClient } from "../../src/kube/client.ts";
import { parseKubeconfig } from "../../src/kube/kubeconfig.ts";
import {
  type CertificateSigningRequest,
  csrKind,
} from "../../src/kube/objects/certificate-signing-request.ts";
import type { KubeObject } from "../../src/kube/types.ts";
import { generateKeyPem, webCryptoKeys } from "../../src/pki/keys.ts";
import { errorMessage } from "../../src/std/errors.ts";
import { pause, pollUntil, unlessAborted } from "../../src/std/wait.ts";
import { createWaiting } from "../../src/supervisor/waiting.ts";
import { decodeJoinToken } from "../../src/token/join-token.ts";
import { countBy, isK0s, kindOf, requestsBetween } from "./audit-log.ts";
import { openClient } from "./cluster-state.ts";
import { byProgram, ticksPerSecond, usedTicks } from "./processor-use.ts";
import { quantiles } from "./quantiles.ts";

const [count = "200", first = "0", controllerText = "", workerText = ""] = process.argv.slice(2);
const numbers = Array.from({ length: Number(count) }, (_, index) => Number(first) + index);
/** Of each of the four: this program is waited for five minutes. */
const limitMs = 60_000;
const userAgent = "bench";
const controllerToken = await decodeJoinToken(controllerText);
const workerToken = await decodeJoinToken(workerText);
const bootstrap = await parseKubeconfig(workerToken.kubeconfig, "the token");
const found: Record<string, number> = {};

/** All at once. */
async function storm<T>(
  name: string,
  one: (index: number, signal: AbortSignal) => Promise<T>,
): Promise<readonly T[]> {
  const before = (await byProgram(usedTicks)).get("k0s") ?? 0;
  const times: number[] = [];
  const failures: unknown[] = [];
  const signal = AbortSignal.timeout(limitMs);
  const started = performance.now();
  const results = await Promise.all(
    numbers.map(async (index) => {
      try {
        const result = await unlessAborted(one(index, signal), signal);
        times.push(performance.now() - started);
        return [result];
      } catch (err) {
        failures.push(err);
        return [];
      }
    }),
  );
  const ms = performance.now() - started;
  const failed = failures.length;
  for (const [message, { length }] of Map.groupBy(failures, errorMessage))
    console.error(`${name}: ${length} failed: ${message}`);
  const { p50, p99 } = quantiles(times);
  const used = (((await byProgram(usedTicks)).get("k0s") ?? 0) - before) / ticksPerSecond;
  const figures = { all: ms, p50, p99, failed, "k0s seconds": used };
  for (const [figure, value] of Object.entries(figures)) found[`${name} ${figure}`] = value;
  return results.flat();
}

/** Sent on some more times while the server is away, as a node does. */
const waiting = createWaiting({ onReason: ({ message }) => console.error(message) });
const joining = () => joinClient({ token: controllerToken, waiting });
await storm("authorities", (_, signal) => joining().ca(signal));
await storm("members", (_, signal) => joining().isMember("203.0.113.1", signal));

const nodeName = (index: number): string => `joins-${String(index).padStart(4, "0")}`;
const nodeAddress = (index: number): string => `10.77.${index >> 8}.${index & 255}`;
const certificates = await storm("client certificates", async (index, signal) => {
  const client = createKubeClient({ ...bootstrap, userAgent });
  const onDelay = (name: string): void => console.error(`${name} waits`);
  return { index, ...(await requestNodeCertificate(client, nodeName(index), { signal, onDelay })) };
});

async function servingRequest(index: number): Promise<string> {
  const { algorithm, ...keys } = await webCryptoKeys(await generateKeyPem("p256"));
  const names = [
    { type: "dns" as const, value: nodeName(index) },
    { type: "ip" as const, value: nodeAddress(index) },
  ];
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: [{ O: ["system:nodes"] }, { CN: [`system:node:${nodeName(index)}`] }],
    keys,
    signingAlgorithm: algorithm,
    extensions: [new SubjectAlternativeNameExtension(names)],
  });
  return Buffer.from(request.toString("pem")).toString("base64");
}

const admin = await openClient();
const from = Date.now();
const kubelets = new Map(certificates.map((one) => [one.index, one]));
const requestName = (index: number): string => `csr-${nodeName(index)}`;

/** Who has a certificate by now: one look for all of them, so that k0s has the work and not this program. */
const signed = new Set<string>();
async function lookForCertificates(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { items } = await admin.list<CertificateSigningRequest>(csrKind, {
      fieldSelector: "spec.signerName=kubernetes.io/kubelet-serving",
      signal,
    });
    for (const { metadata, status } of items)
      if (status?.certificate !== undefined) signed.add(metadata.name ?? "");
    await pause(250, signal);
  }
}

const looking = new AbortController();
const looks = lookForCertificates(looking.signal);
await storm("serving certificates", async (index, signal) => {
  const identity = kubelets.get(index);
  if (identity === undefined) throw new Error("there is no client certificate");
  const { server, ca } = bootstrap;
  const client = createKubeClient({ server, ca, cert: identity.cert, key: identity.key, userAgent });
  const node: KubeObject = { apiVersion: "v1", kind: "Node", metadata: { name: nodeName(index) } };
  await client.create<KubeObject>(node);
  const addresses = [
    { type: "InternalIP", address: nodeAddress(index) },
    { type: "Hostname", address: nodeName(index) },
  ];
  const ref = { apiVersion: "v1", kind: "Node", name: nodeName(index) };
  await client.patch(ref, "merge", { status: { addresses } }, { subresource: "status" });
  await client.create<CertificateSigningRequest>({
    ...csrKind,
    metadata: { name: requestName(index) },
    spec: {
      request: await servingRequest(index),
      signerName: "kubernetes.io/kubelet-serving",
      usages: ["digital signature", "server auth"],
    },
  });
  await pollUntil(() => signed.has(requestName(index)), {
    what: "a serving certificate",
    intervalMs: 50,
    signal,
  });
});
looking.abort();
await looks.catch((err: unknown) => {
  if (!looking.signal.aborted) throw err;
});
const kinds = countBy(await requestsBetween(from, Date.now(), isK0s), kindOf);
for (const [kind, times] of Object.entries(kinds)) found[`k0s: ${kind}`] = times;
console.log(JSON.stringify(found));
// What was not answered in time would hold this process.
process.exit(0);
