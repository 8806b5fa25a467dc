// The joining side: asks a controller's join API, again and again where that can help, and says what it waits for.

import { defaultJoinApiPort } from "../../config/default-ports.ts";
import { type ConnectionFailure, connectionFailure, describeFailure } from "../../std/connection-failure.ts";
import { UserError } from "../../std/errors.ts";
import { directFetch } from "../../std/direct-fetch.ts";
import { keepTrying } from "../../supervisor/keep-trying.ts";
import type { Waiting } from "../../supervisor/waiting.ts";
import { refusedTokenError, wrongClusterError } from "../../token/join-failure.ts";
import type { JoinToken } from "../../token/join-token.ts";
import {
  admissionReply,
  caReply,
  checkReply,
  type CaReply,
  type CheckRequest,
  joinPaths,
  membersReply,
  reasonHeader,
  refusalReply,
} from "./protocol.ts";

export interface JoinClient {
  /** Throws a UserError if the cluster does not take this controller. Its uid, if the controller tells. */
  check(joiner: CheckRequest, signal: AbortSignal): Promise<string | undefined>;
  ca(signal: AbortSignal): Promise<CaReply>;
  admit(
    joiner: { node: string; peerAddress: string },
    signal: AbortSignal,
  ): Promise<{ ca: CaReply; initialCluster: readonly string[] }>;
  /** Undefined: the controller does not tell. */
  isMember(peerAddress: string, signal: AbortSignal): Promise<boolean | undefined>;
  /** One try only: for a controller that is being stopped. False: there was nothing to take back. */
  withdraw(peerAddress: string, signal: AbortSignal): Promise<boolean>;
}

export interface JoinClientOptions {
  readonly token: JoinToken;
  readonly waiting: Waiting;
}

const attemptMs = 10_000;

export function joinClient({ token, waiting }: JoinClientOptions): JoinClient {
  const send = async (
    method: "GET" | "POST" | "DELETE",
    path: string,
    body: unknown,
    signal: AbortSignal,
  ): Promise<Response> => {
    try {
      return await directFetch(`${token.server.replace(/\/+$/, "")}${path}`, {
        method,
        headers: { authorization: `Bearer ${token.token}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        tls: { ca: token.ca.pem },
        redirect: "manual",
        signal: AbortSignal.any([signal, AbortSignal.timeout(attemptMs)]),
      });
    } catch (err) {
      signal.throwIfAborted();
      throw wrongClusterError(err, token) ?? new Unreachable(reachMessage(token.server, err));
    }
  };

  /** Until there is an answer that is worth something; `accept` tells which statuses beside 200 are. */
  const ask = async (
    method: "GET" | "POST",
    path: string,
    body: unknown,
    options: { signal: AbortSignal; accept?: readonly number[] },
  ): Promise<Response> => {
    const { signal, accept = [] } = options;
    const once = async (): Promise<Response> => {
      const answer = await send(method, path, body, signal);
      if (answer.ok || accept.includes(answer.status)) return answer;
      throw await failure(answer, token);
    };
    return keepTrying(once, { signal, waiting, explain: onlyUnreachable });
  };

  return {
    async check(joiner, signal) {
      // A controller of upstream k0s does not know the question.
      const answer = await ask("POST", joinPaths.check, joiner, { signal, accept: [404] });
      if (answer.ok) return checkReply.parse(await answer.json()).clusterUid;
      await answer.body?.cancel();
      return undefined;
    },
    ca: async (signal) => caReply.parse(await (await ask("GET", joinPaths.ca, undefined, { signal })).json()),
    admit: async (joiner, signal) =>
      admissionReply.parse(await (await ask("POST", joinPaths.members, joiner, { signal })).json()),
    async isMember(peerAddress, signal) {
      const answer = await ask("GET", joinPaths.members, undefined, { signal, accept: [404, 405] });
      if (!answer.ok) return undefined;
      const { members } = membersReply.parse(await answer.json());
      return members.some((member) => member.peerAddress === peerAddress);
    },
    async withdraw(peerAddress, signal) {
      const answer = await send("DELETE", joinPaths.members, { peerAddress }, signal);
      await answer.body?.cancel();
      return answer.ok;
    },
  };
}

/** Trying again can help. */
class Unreachable extends Error {}

function onlyUnreachable(err: unknown): Unreachable {
  if (err instanceof Unreachable) return err;
  throw err;
}

async function failure(answer: Response, token: JoinToken): Promise<Error> {
  const text = await answer.text();
  if (answer.status === 401 && text.startsWith("go away")) {
    return refusedTokenError(token, answer.headers.get(reasonHeader) ?? "");
  }
  // Another server of the cluster would not know the token either, but says so in its own way.
  if (answer.status === 401 || answer.status === 404) {
    return new UserError(`what answers at ${token.server} is not the join API of a controller`, {
      code: "not-a-controller",
      hint: `A controller's join API listens on port ${defaultJoinApiPort} unless spec.api.k0sApiPort says otherwise.`,
    });
  }
  const refusal = refusalOf(text);
  if (answer.status === 409 && refusal !== undefined) {
    return new UserError(`cannot join: ${refusal.message}`, { code: refusal.code, hint: refusal.hint });
  }
  const said = refusal?.message ?? text.trim().slice(0, 300);
  return new Unreachable(said === "" ? `${token.server} answers with status ${answer.status}` : said);
}

function refusalOf(text: string): { code: string; message: string; hint: string } | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    return refusalReply.parse(JSON.parse(text));
  } catch {
    // Not one that k0s knows: the caller shows the text.
    return undefined;
  }
}

/** Where to look. */
const questions: Partial<Record<ConnectionFailure, string>> = {
  refused: "; is k0s running there?",
  silent: "; is a firewall in the way?",
};

function reachMessage(server: string, err: unknown): string {
  const why = describeFailure(err, { host: new URL(server).hostname, within: `${attemptMs / 1000} s` });
  return `cannot reach ${server}: ${why}${questions[connectionFailure(err) ?? "other"] ?? ""}`;
}
