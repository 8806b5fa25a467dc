// Makes this host a member of a cluster: finds the credentials of an earlier join, else turns a join token into a node's
// certificate, and says what it waits for while that does not work. Upstream: pkg/component/worker/utils.go.

import type { NodePaths } from "../../product/paths.ts";
import { createKubeClient } from "../../kube/client.ts";
import { hostAddresses } from "../../os/addresses.ts";
import { UserError } from "../../std/errors.ts";
import type { Logger } from "../../std/log.ts";
import type { Progress } from "../../std/progress.ts";
import type { Component } from "../../supervisor/component.ts";
import type { JoinTokenSource } from "../../token/read-token.ts";
import { type ApiContact, describeClock, explainApiFailure, isClockFailure } from "./api-trouble.ts";
import { type BootstrapCredentials, bootstrapCredentials } from "./bootstrap-source.ts";
import { aheadOf, clockAheadMs } from "../../kube/clock-check.ts";
import { keepTrying } from "../../supervisor/keep-trying.ts";
import { type ClusterAddress, storeNodeCertificate } from "./kubelet-kubeconfig.ts";
import { findNameTaken } from "./name-taken.ts";
import type { NodeCertificate } from "./certificate.ts";
import { storedMembership } from "./membership.ts";
import type { Waiting } from "../../supervisor/waiting.ts";
import { workerJoinDeclaration } from "./declaration.ts";

export interface JoinOptions {
  readonly paths: NodePaths;
  readonly nodeName: string;
  readonly tokenSource: JoinTokenSource | undefined;
  readonly waiting: Waiting;
  readonly log: Logger;
  readonly progress: Progress;
}

export interface JoinComponent extends Component {
  /** The cluster; known once the component is ready. */
  cluster(): ClusterAddress;
}

/** A question that is answered at once or not at all. */
const quick = { timeoutMs: 5_000, retries: 0 };
/** What another try cannot cure. */
const hopeless: ReadonlySet<string> = new Set(["csr-denied"]);

export function joinCluster(options: JoinOptions): JoinComponent {
  const log = options.log.with({ component: "join" });
  let cluster: ClusterAddress | undefined;
  let step = "";
  const onStep = (what: string): void => {
    step = what;
    options.progress.wait(what);
  };
  return {
    name: workerJoinDeclaration.name,
    // Why it does not go on is a problem of the node by itself (`troubles`); before that its step is all there is to say.
    inspect: () => (step === "" ? {} : { waitingFor: step }),
    cluster() {
      if (cluster === undefined) throw new Error("this node has not joined yet");
      return cluster;
    },
    async start(signal) {
      cluster = (await earlierJoin(options)) ?? (await joinNow({ ...options, log, onStep }, signal));
    },
    stop: () => Promise.resolve(),
  };
}

async function earlierJoin({
  paths,
  nodeName,
  tokenSource,
}: JoinOptions): Promise<ClusterAddress | undefined> {
  const membership = await storedMembership(paths, nodeName);
  if (membership.state === "none") return undefined;
  if (membership.state === "member") return membership.cluster;
  if (tokenSource !== undefined) return undefined;
  throw new UserError(`this node's certificate has expired on ${membership.since.toISOString()}`, {
    code: "certificate-expired",
    hint: `It is ${new Date().toISOString()} here. If the clock is right, give a new join token: --token-file.`,
  });
}

interface JoinNowOptions extends JoinOptions {
  /** Told what is waited for, and "" when it is over. */
  readonly onStep: (what: string) => void;
}

/** What several attempts share. */
interface Attempt {
  credentials: BootstrapCredentials;
  clockAheadMs: number | undefined;
  certificate: NodeCertificate | undefined;
}

async function joinNow(options: JoinNowOptions, signal: AbortSignal): Promise<ClusterAddress> {
  const { paths, tokenSource, progress, waiting, log } = options;
  const attempt: Attempt = {
    // A token that cannot be read is for the user to replace, at once.
    credentials: await bootstrapCredentials(paths, tokenSource),
    clockAheadMs: undefined,
    certificate: undefined,
  };
  const { passedOver } = attempt.credentials;
  if (passedOver !== undefined)
    log.warn("The join token is used, and not the bootstrap file that is there, too", { file: passedOver });
  const step = progress.step(`joined the cluster at ${attempt.credentials.connection.server}`);
  try {
    const cluster = await keepTrying(() => joinOnce(attempt, options, signal), {
      signal,
      waiting,
      explain: (err) => explain(err, attempt, signal),
    });
    step.done(`as ${options.nodeName}`);
    return cluster;
  } catch (err) {
    if (!signal.aborted) step.fail(err);
    throw err;
  }
}

async function joinOnce(
  attempt: Attempt,
  options: JoinNowOptions,
  signal: AbortSignal,
): Promise<ClusterAddress> {
  const { paths, nodeName, tokenSource, log, waiting, onStep } = options;
  attempt.credentials = await bootstrapCredentials(paths, tokenSource);
  const { connection } = attempt.credentials;
  const { server, ca } = connection;
  if (ca === undefined) throw new UserError("the bootstrap credentials name no CA", { code: "no-ca" });

  onStep(`${server} to answer`);
  const client = createKubeClient(connection);
  const answer = await client.raw("/version", { ...quick, signal });
  await answer.body?.cancel();
  attempt.clockAheadMs = aheadOf(answer.headers.get("date"));
  const clock = describeClock(attempt.clockAheadMs);
  if (clock !== undefined) log.warn("The clock is off", { clock });

  onStep(`the certificate of ${nodeName}`);
  // The library for certificates is large, and not needed ever after.
  const { requestNodeCertificate } = await import("./certificate.ts");
  attempt.certificate ??= await requestNodeCertificate(client, nodeName, {
    signal,
    onDelay: (name) => waiting.because(slowApproval(name)),
  });

  onStep(`proof that no other host has the name ${nodeName}`);
  const node = createKubeClient({ server, ca, ...attempt.certificate });
  const taken = await findNameTaken(
    node,
    {
      nodeName,
      ownAddresses: hostAddresses().map(({ address }) => address),
      now: Date.now() - (attempt.clockAheadMs ?? 0),
    },
    signal,
  );
  if (taken !== undefined) throw taken;

  await storeNodeCertificate(paths, { server, ca }, attempt.certificate);
  log.info("Joined the cluster", { node: nodeName, server });
  onStep("");
  return { server, ca };
}

async function explain(err: unknown, attempt: Attempt, signal: AbortSignal): Promise<UserError> {
  const { connection, token } = attempt.credentials;
  const contact: ApiContact = { server: connection.server, token };
  const trouble = explainApiFailure(err, contact);
  if (hopeless.has(trouble.code)) throw trouble;
  if (!isClockFailure(trouble)) return trouble;
  return explainApiFailure(err, {
    ...contact,
    clockAheadMs: await clockAheadMs(connection.server, signal),
  });
}

function slowApproval(name: string): UserError {
  return new UserError(`nobody has approved the certificate request ${name} yet`, {
    code: "csr-pending",
    hint: "kube-controller-manager does that, with the key of the cluster's authority: on the controllers, does it run, and is pki/ca.key there? `k0s doctor` says so.",
  });
}
