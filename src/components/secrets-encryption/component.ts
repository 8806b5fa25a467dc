// Follows the cluster's ring on this controller, confirms what its API server works with, and, where it leads, makes the next step.
// docs/adr/0076.

import { securityOf } from "../../config/security.ts";
import type { KubeClient } from "../../kube/client.ts";
import { isAlreadyExists, isConflict } from "../../kube/errors.ts";
import { createInformer } from "../../kube/informer.ts";
import { whileLeading } from "../../kube/leading-client.ts";
import { createLoop } from "../../std/loop.ts";
import type { Component } from "../../supervisor/component.ts";
import { task } from "../../supervisor/task.ts";
import { certificatesDeclaration } from "../certificates/declaration.ts";
import { knownControllers } from "../controller-leases/component.ts";
import { kubeApiserverDeclaration } from "../kube-apiserver/declaration.ts";
import type { ControllerNode } from "../node-facts.ts";
import { confirmation } from "./confirmation.ts";
import { departedControllers } from "./departed.ts";
import { type MarkedRing, readRing, writeRing } from "./files.ts";
import { contentHash } from "./keys.ts";
import { takesPart } from "./prepare.ts";
import { rewriteSecrets } from "./rewrite.ts";
import {
  afterRewriting,
  nextStep,
  notConfirmed,
  type Ring,
  ringToPublish,
  ringWithStray,
  type Situation,
} from "./ring.ts";
import { secretsEncryptionDeclaration } from "./declaration.ts";
import {
  controllersOf,
  createState,
  readState,
  type SharedState,
  stateRef,
  writeReport,
  writeStateRing,
} from "./shared-state.ts";

/** Between looks while something is awaited, and otherwise. */
const [soonMs, laterMs] = [2_000, 60_000];

/** Nothing where Secrets are not encrypted and never were; a controller that joins is told only then. */
export async function secretsEncryption(node: ControllerNode): Promise<readonly Component[]> {
  const { config, paths, leader, alone, name } = node;
  const wants = securityOf(config).encrypts;
  if (node.joinToken === undefined && !(await takesPart(node))) return [];
  const log = node.log.with({ component: secretsEncryptionDeclaration.name });

  const works = confirmation(async (client: KubeClient, signal) =>
    (await client.raw("/metrics", { signal })).text(),
  );

  /** What the API server here works with is what the ring says. */
  const follow = async (client: KubeClient, marked: MarkedRing, signal: AbortSignal): Promise<boolean> => {
    const { text, changed } = await writeRing(paths, marked, node.user?.(kubeApiserverDeclaration.user));
    return await works(client, { hash: contentHash(text), changed }, signal);
  };

  /** True if what this controller wrote with until now is missing in the order, and was added: before anything else is known here. */
  const addStray = async (client: KubeClient, state: SharedState, signal: AbortSignal): Promise<boolean> => {
    const { mark, ring } = state.marked;
    const known = await readRing(paths);
    const [key] = known?.mark === mark ? known.ring.providers : [];
    const wider = key === undefined ? undefined : ringWithStray(ring, key, new Date().toISOString());
    if (wider === undefined) return false;
    await writeStateRing(client, state, { mark, ring: wider }, signal);
    log.warn("This controller has written Secrets with a key that was taken away, all are written again");
    return true;
  };

  const report = async (client: KubeClient, state: SharedState, signal: AbortSignal): Promise<boolean> => {
    const { revision } = state.marked.ring;
    if (!(await follow(client, state.marked, signal))) return false;
    const before = state.reports.get(name);
    if (before?.revision === revision && before.wants === wants) return true;
    await writeReport(client, name, { revision, wants }, signal);
    log.info("The API server works with this order of keys", { revision });
    return true;
  };

  const situation = async (
    client: KubeClient,
    state: SharedState,
    signal: AbortSignal,
  ): Promise<Situation> => {
    // Its own lease may not be there yet, or not any more.
    const leases = [name, ...(alone ? [] : await knownControllers(client, signal))];
    const departed = new Set(alone ? [] : await departedControllers(client, signal));
    departed.delete(name);
    return {
      ring: state.marked.ring,
      reports: state.reports,
      controllers: controllersOf(state, leases, Date.now(), departed),
      request: state.request,
      now: new Date().toISOString(),
      newKey: `key-${crypto.randomUUID()}`,
    };
  };

  const lead = async (client: KubeClient, state: SharedState, signal: AbortSignal): Promise<number> => {
    const { ring, mark } = state.marked;
    const step = nextStep(await situation(client, state, signal));
    const put = async (next: Ring): Promise<number> => {
      await writeStateRing(client, state, { mark, ring: next }, signal);
      log.info("Encryption of Secrets goes on", { phase: next.phase, revision: next.revision });
      return soonMs;
    };
    switch (step.kind) {
      case "write":
        return await put(step.ring);
      case "rewrite": {
        const rewritten = await rewriteSecrets(client, signal);
        // Who has come meanwhile may have written with a key of before: then everything again.
        if (notConfirmed(await situation(client, state, signal)).length > 0) return soonMs;
        return await put(afterRewriting(ring, rewritten, new Date().toISOString()));
      }
      case "wait":
        log.debug("Controllers are awaited", { missing: step.for.join(",") });
        return soonMs;
      case "rest":
        return laterMs;
    }
  };

  const round = async (signal: AbortSignal): Promise<number> => {
    const client = await node.client();
    const asLeader = whileLeading(client, leader);
    try {
      const state = await readState(client, signal);
      if (state === undefined) {
        const local = await readRing(paths);
        if (leader.isLeader && local !== undefined) {
          const ring = ringToPublish(local.ring, new Date().toISOString());
          await createState(asLeader, { ...local, ring }, signal);
        }
        return soonMs;
      }
      if (await addStray(client, state, signal)) return soonMs;
      const confirmed = await report(client, state, signal);
      const nextMs = leader.isLeader ? await lead(asLeader, state, signal) : laterMs;
      return confirmed ? nextMs : soonMs;
    } catch (err) {
      // Somebody else was faster: with what they wrote it goes on.
      if (isConflict(err) || isAlreadyExists(err)) return soonMs;
      throw err;
    }
  };

  const following = task({
    name: secretsEncryptionDeclaration.name,
    // Not the API server's readiness: one that lacks a key gets ready only by what is done here.
    dependsOn: [certificatesDeclaration],
    parts: async () => {
      if (!(await takesPart(node))) return [];
      const loop = createLoop({ name: "encryption of Secrets", log, quietFailures: 10, round });
      const changes = createInformer({
        client: await node.client(),
        kind: stateRef,
        namespace: stateRef.namespace,
        fieldSelector: `metadata.name=${stateRef.name}`,
        log,
        onChange: () => loop.ring(),
      });
      leader.onChange(() => loop.ring());
      return [loop, changes];
    },
  });
  return [following];
}
