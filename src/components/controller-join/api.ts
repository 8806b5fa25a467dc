// The join API's answers. Upstream: cmd/api/api.go.

import type { Secret } from "../../kube/objects/secret.ts";
import * as z from "zod";
import type { MemberAdmission } from "../etcd/members/admission.ts";
import { errorMessage } from "../../std/errors.ts";
import type { Logger } from "../../std/log.ts";
import { isIp, withoutBrackets } from "../../std/ip.ts";
import { authenticate } from "./authenticate.ts";
import {
  type CheckRequest,
  checkRequest,
  joinPaths,
  memberRequest,
  reasonHeader,
  type Refusal,
  withdrawRequest,
} from "./protocol.ts";

export interface JoinApiSources {
  readonly log: Logger;
  findToken(id: string, signal: AbortSignal): Promise<Secret | undefined>;
  /** A file of the PKI in base64. */
  readonly file: (
    name:
      | "ca.key"
      | "ca.crt"
      | "sa.key"
      | "sa.pub"
      | "kubelet-serving-bundle.crt"
      | "etcd/ca.key"
      | "etcd/ca.crt",
  ) => Promise<string>;
  /** How Secrets are encrypted, in base64; undefined where they are not. */
  readonly encryption: () => Promise<string | undefined>;
  check(joiner: CheckRequest, signal: AbortSignal): Promise<Refusal | undefined>;
  /** The uid of kube-system; undefined until it has been noted. */
  clusterUid(): Promise<string | undefined>;
  /** Absent where k0s does not run etcd. */
  readonly admission: MemberAdmission | undefined;
}

type Handler = (request: Request, sources: JoinApiSources) => Promise<Response>;

const routes: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
  [joinPaths.ca]: { GET: (_, sources) => clusterCa(sources) },
  [joinPaths.check]: { POST: checkFit },
  [joinPaths.members]: {
    POST: admit,
    GET: withAdmission(listMembers),
    DELETE: withAdmission(withdraw),
  },
};

export async function answerJoinRequest(request: Request, sources: JoinApiSources): Promise<Response> {
  const { pathname } = new URL(request.url);
  const methods = routes[pathname];
  if (methods === undefined) return text("404 page not found\n", 404);
  const handler = methods[request.method];
  if (handler === undefined) return text("method not allowed\n", 405);
  try {
    const verdict = await authenticate(request.headers.get("authorization"), (id) =>
      sources.findToken(id, request.signal),
    );
    if (verdict !== "ok") {
      const why = verdict === "unknown" ? {} : { [reasonHeader]: verdict };
      return text("go away", 401, why);
    }
    return await handler(request, sources);
  } catch (err) {
    if (err instanceof BadRequest) return text(`${err.message}\n`, 400);
    sources.log.warn("Join request failed", { path: pathname, err: errorMessage(err) });
    return text(`${errorMessage(err)}\n`, 500);
  }
}

class BadRequest extends Error {}

async function clusterCa({ file, encryption }: JoinApiSources): Promise<Response> {
  const [key, cert, saKey, saPub, kubeletCa, ring] = await Promise.all([
    file("ca.key"),
    file("ca.crt"),
    file("sa.key"),
    file("sa.pub"),
    file("kubelet-serving-bundle.crt"),
    encryption(),
  ]);
  return Response.json({
    key,
    cert,
    saKey,
    saPub,
    kubeletCa,
    ...(ring === undefined ? {} : { encryption: ring }),
  });
}

async function checkFit(request: Request, sources: JoinApiSources): Promise<Response> {
  const refusal = await sources.check(await body(request, checkRequest), request.signal);
  if (refusal !== undefined) return Response.json(refusal, { status: 409 });
  return Response.json({ clusterUid: await sources.clusterUid() });
}

async function admit(request: Request, { admission, file }: JoinApiSources): Promise<Response> {
  if (admission === undefined) return text("404 page not found\n", 404);
  const { node, peerAddress } = await body(request, memberRequest);
  const answer = await admission.admit({ name: node, peerUrl: peerUrl(peerAddress) }, request.signal);
  if (answer.kind === "busy") {
    const hint = "It is tried again.";
    return Response.json({ code: "join-busy", message: answer.because, hint }, { status: 503 });
  }
  if (answer.kind === "refused") {
    return Response.json(refusalOf(node, answer.reason, answer.by.peerUrls[0] ?? ""), { status: 409 });
  }
  const [key, cert] = await Promise.all([file("etcd/ca.key"), file("etcd/ca.crt")]);
  return Response.json({
    ca: { key, cert, saKey: null, saPub: null },
    initialCluster: answer.initialCluster,
  });
}

function refusalOf(name: string, reason: "name-taken" | "address-taken", peer: string): Refusal {
  const host = URL.parse(peer)?.hostname ?? peer;
  const remove = `on another controller: k0s etcd leave --peer-address ${host}`;
  return reason === "name-taken"
    ? {
        code: "join-name",
        message: `an etcd member named ${name} exists already, at ${peer}`,
        hint: `Give this host another name. If that controller is lost for good, remove it first, ${remove}`,
      }
    : {
        code: "join-address",
        message: `this host is an etcd member already (${peer}), but its data are gone`,
        hint: `Remove the old member first, ${remove}`,
      };
}

async function listMembers(request: Request, admission: MemberAdmission): Promise<Response> {
  const members = await admission.members(request.signal);
  return Response.json({
    members: members.map(({ name, peerUrls, isLearner }) => ({
      name,
      peerAddress: peerUrls[0] ?? "",
      learner: isLearner,
    })),
  });
}

async function withdraw(request: Request, admission: MemberAdmission): Promise<Response> {
  const { peerAddress } = await body(request, withdrawRequest);
  const removed = await admission.withdraw(peerUrl(peerAddress), request.signal);
  return removed ? Response.json({}) : text("no such learner\n", 404);
}

function withAdmission(work: (request: Request, admission: MemberAdmission) => Promise<Response>): Handler {
  return async (request, { admission }) =>
    admission === undefined ? text("404 page not found\n", 404) : work(request, admission);
}

async function body<T extends z.ZodType>(request: Request, schema: T): Promise<z.infer<T>> {
  const parsed = schema.safeParse(await request.json().catch(() => undefined));
  if (parsed.success) return parsed.data;
  throw new BadRequest(z.prettifyError(parsed.error));
}

/** etcd would wait for whatever it is told: only peers at addresses are taken in. */
function peerUrl(given: string): string {
  const url = URL.parse(given);
  const address = withoutBrackets(url?.hostname ?? "");
  if (url?.protocol !== "https:" || !isIp(address) || url.port === "") {
    throw new BadRequest("peerAddress must be https://<ip>:<port>");
  }
  return `https://${url.host}`;
}

function text(message: string, status: number, headers: Record<string, string> = {}): Response {
  return new Response(message, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", ...headers },
  });
}
