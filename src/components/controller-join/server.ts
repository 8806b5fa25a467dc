// The join API as a component: HTTPS with the certificate `k0s-api`, in the controller's own process. Upstream runs
// `k0s api` beside it: pkg/component/controller/k0scontrolapi.go; docs/adr/0015-join-api-in-process.md.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { NodeConfig } from "../../config/fixed-fields.ts";
import { isEtcdManaged } from "../../config/derived.ts";
import { createLeaseObserver } from "../../kube/lease-observer.ts";
import { k0sVersion } from "../../product/versions.ts";
import { activeControllers } from "../controller-leases/component.ts";
import { localEtcdClient } from "../etcd/client.ts";
import { memberAdmission, type MemberAdmission } from "../etcd/members/admission.ts";
import type { Secret } from "../../kube/objects/secret.ts";
import { bootstrapSecretRef } from "../../token/bootstrap-secret.ts";
import { readBytesIfExists, statIfExists } from "../../os/files.ts";
import { errorMessage } from "../../std/errors.ts";
import { ipFamily } from "../../std/ip.ts";
import type { Component } from "../../supervisor/component.ts";
import type { ControllerNode } from "../node-facts.ts";
import { checkJoiner, clusterFactsOf } from "./check-joiner.ts";
import { readClusterFacts } from "./cluster-facts.ts";
import { answerJoinRequest, type JoinApiSources } from "./api.ts";
import { ringFile } from "../secrets-encryption/files.ts";
import { noteJoining } from "../secrets-encryption/shared-state.ts";
import { kubeApiserverDeclaration } from "../kube-apiserver/declaration.ts";

const certificateCheckMs = 30_000;

export function controlApi(node: ControllerNode): Component {
  const { config, paths, client } = node;
  const etcd = isEtcdManaged(config) ? localEtcdClient(paths) : undefined;
  const observer = createLeaseObserver();
  const log = node.log.with({ component: "k0s-control-api" });
  const certificate = { cert: join(paths.pkiDir, "k0s-api.crt"), key: join(paths.pkiDir, "k0s-api.key") };
  let server: Bun.Server<undefined> | undefined;
  let admission: MemberAdmission | undefined;
  let timer: ReturnType<typeof setInterval> | undefined;
  let servedSince = 0;

  const sources: JoinApiSources = {
    log,
    findToken: async (id, signal) => (await client()).find<Secret>(bootstrapSecretRef(id), { signal }),
    file: async (name) => (await readFile(join(paths.pkiDir, name))).toString("base64"),
    encryption: async () => (await readBytesIfExists(ringFile(paths)))?.toString("base64"),
    check: async (joiner, signal) => {
      const refusal = checkJoiner(joiner, {
        version: k0sVersion,
        cluster: clusterFactsOf(config),
        controllers: await activeControllers(await client(), { observer, signal }),
      });
      if (refusal === undefined) await noteJoining(await client(), joiner.name, signal);
      return refusal;
    },
    clusterUid: async () => (await readClusterFacts(paths.dataDir))?.clusterUid,
    get admission() {
      return admission;
    },
  };

  const changedAt = async (): Promise<number> => (await statIfExists(certificate.cert))?.mtimeMs ?? 0;

  const listen = async (): Promise<void> => {
    servedSince = await changedAt();
    const [cert, key] = await Promise.all([readFile(certificate.cert), readFile(certificate.key)]);
    server = Bun.serve({
      hostname: bindAddress(config),
      port: config.spec.api.k0sApiPort,
      tls: { cert, key },
      idleTimeout: 30,
      maxRequestBodySize: 64 << 10,
      fetch: (request) => answerJoinRequest(request, sources),
      error: (err) => {
        log.error("Join request failed", { err });
        return new Response("internal error\n", { status: 500 });
      },
    });
  };

  /** Bun reads certificates once: with renewed ones the listener is opened again. */
  const followCertificate = async (): Promise<void> => {
    try {
      if ((await changedAt()) === servedSince) return;
      await server?.stop();
      await listen();
      log.info("Serving with the renewed certificate");
    } catch (err) {
      log.warn("Cannot open the join API anew, trying again", { err: errorMessage(err) });
      servedSince = 0;
    }
  };

  return {
    name: "k0s-control-api",
    dependsOn: [kubeApiserverDeclaration],
    async start() {
      admission = etcd === undefined ? undefined : memberAdmission({ client: etcd, log });
      await listen();
      timer = setInterval(() => void followCertificate(), certificateCheckMs);
    },
    async stop() {
      clearInterval(timer);
      await admission?.stop();
      await server?.stop(true);
    },
  };
}

function bindAddress({ spec: { api } }: NodeConfig): string {
  const asked = api.extraArgs["bind-address"];
  if (asked !== undefined) return asked;
  if (api.onlyBindToAddress) return api.address;
  return ipFamily(api.address) === 6 ? "::" : "0.0.0.0";
}
