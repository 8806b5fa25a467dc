// Whether the API server answers this node and says that it is ready.

import { unreachableBecause } from "../../../os/tcp-reachable.ts";
import { splitHostPort } from "../../../std/ip.ts";
import type { ApiAnswer } from "../api-answer.ts";
import { isProgram, reachOf } from "../component-reach.ts";
import { type ExaminedNode, startCommand } from "../examined-node.ts";
import { all, type Finding, type Verdict, verdictOf } from "../finding.ts";
import { type Examination, link } from "../link.ts";
import { redacted } from "../redacted.ts";

export interface ApiFacts {
  readonly answer: ApiAnswer;
  /** Of the API servers that a worker goes to, those that it does not reach, with why. */
  readonly away: readonly string[];
  /** To how many it goes. */
  readonly known: number;
}

export const apiLink = link<ApiFacts>({ name: "API", look: lookAtApi, judge: judgeApi });

const reachMs = 3_000;

async function lookAtApi({ node, shared, signal }: Examination): Promise<ApiFacts> {
  const known = balancedServers(node);
  const [answer, reached] = await Promise.all([
    shared.api(),
    Promise.all(
      known.map(async (address) => {
        const { hostname, port } = splitHostPort(address);
        const where = { host: hostname, port };
        const why = await unreachableBecause(where, { timeoutMs: reachMs, signal });
        return why === undefined ? [] : [`${address}: ${why}`];
      }),
    ),
  ]);
  return { answer, away: reached.flat(), known: known.length };
}

/** A worker is always told of all of them, but goes there only with a load balancer of its own: it may reach no more than that of the operator. */
export function balancedServers({ role, settings }: ExaminedNode): readonly string[] {
  if (role !== "worker" || settings?.nodeLocalLoadBalancing?.enabled !== true) return [];
  return settings.apiServerAddresses;
}

const effect = "kubectl, kubelet and the control plane wait";

export function judgeApi({ answer, away, known }: ApiFacts, node: ExaminedNode): Verdict {
  const explains = [
    ...reachOf("kube-apiserver").filter(({ link: name }) => name !== "API"),
    ...partsOfK0s(node),
  ];
  const finding = (what: string, evidence: readonly string[], remedy: string): Finding => ({
    link: "API",
    what: redacted(what),
    evidence: [...evidence.map(redacted), ...away],
    effect,
    remedy,
    explains,
  });
  if (answer.kind === "no credentials") return verdictOf([noCredentials(answer.file, node, finding)]);
  if (answer.kind === "silent") {
    const local = "`k0s logs kube-apiserver` says more";
    const remedy =
      node.role === "controller" ? local : (answer.remedy ?? "look at the controllers with `k0s doctor`");
    return verdictOf([finding(answer.why, [`GET ${answer.server}/readyz: ${answer.why}`], remedy)]);
  }
  if (answer.failing.length > 0) {
    const evidence = answer.failing.map((line) => `GET ${answer.server}/readyz: ${line}`);
    const remedy = "look at what it names: etcd is the datastore; others come by themselves after a start";
    return verdictOf([finding("the API server answers that it is not ready", evidence, remedy)]);
  }
  if (away.length === 0) return { state: "well" };
  return verdictOf([
    {
      link: "API",
      about: "some",
      what: `${away.length} of ${known} API servers cannot be reached from this node`,
      evidence: away,
      effect: "this node works on through the others, and survives less",
      remedy: "look at those controllers with `k0s doctor`; is their port open from here?",
      explains: [],
    },
  ]);
}

function noCredentials(
  file: string,
  node: ExaminedNode,
  finding: (what: string, evidence: readonly string[], remedy: string) => Finding,
): Finding {
  const evidence = [`there is no ${file}`];
  if (node.role === "controller")
    return finding(
      "this controller has no kubeconfig for its API server",
      evidence,
      `${startCommand(node)} makes it`,
    );
  const said = node.k0s.state === "answers" ? node.k0s.report.Problems : [];
  const [first = "this node has not joined a cluster yet"] = said;
  return finding(
    first,
    [...evidence, ...said.slice(1)],
    "start it with a join token: `k0s token create` on a controller makes one",
  );
}

/** What only notices that the API server does not answer. Of programs those follow that rest on it. */
function partsOfK0s({ k0s }: ExaminedNode): Finding["explains"] {
  if (k0s.state !== "answers") return [];
  const parts = k0s.report.Components.filter(({ name }) => !isProgram(name) && !carriesApi(name));
  return [...parts.map(({ name: about }) => ({ link: "processes" as const, about })), ...all("tunnel")];
}

function carriesApi(component: string): boolean {
  return reachOf(component).some(({ link: name }) => name === "API");
}
