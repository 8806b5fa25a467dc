// A registry's manifests and blobs by the OCI distribution protocol (distribution-spec v1.1), for reading only.

import * as z from "zod";
import { UserError } from "../../std/errors.ts";
import { retry } from "../../std/retry.ts";
import { sha256 } from "../image.ts";
import { mediaTypes } from "../media-types.ts";
import type { Authorizer } from "./authorizer.ts";
import { beginningOf, type BodyPatience, wholeBody } from "./body.ts";
import { apiHost, type ImageName, imageNameText } from "./image-name.ts";
import type { Send } from "./transport.ts";
import { RegistryTrouble } from "./trouble.ts";

export interface Manifest {
  readonly bytes: Uint8Array;
  readonly digest: string;
  readonly mediaType: string;
}

export interface BlobAnswer {
  /** Where its bytes begin: 0 when the registry does not know how to go on from where we were. */
  readonly offset: number;
  readonly stream: ReadableStream<Uint8Array>;
}

export interface RegistryClient {
  /** By tag or digest. Its digest is proved where one was asked for. */
  manifest(name: ImageName, reference: string, signal: AbortSignal): Promise<Manifest>;
  blob(name: ImageName, digest: string, offset: number, signal: AbortSignal): Promise<BlobAnswer>;
}

export interface RegistryClientOptions {
  readonly send: Send;
  readonly authorizer: Authorizer;
  readonly plainHttp: boolean;
  /** How often a request is made that fails for reasons that may pass; default 4. */
  readonly attempts?: number;
  /** With what is read into memory; for tests. */
  readonly patience?: BodyPatience;
}

const accepted = [
  mediaTypes.index,
  mediaTypes.manifest,
  mediaTypes.dockerIndex,
  mediaTypes.dockerManifest,
].join(", ");
const largestManifest = 8 << 20;

export function registryClient(options: RegistryClientOptions): RegistryClient {
  const { patience } = options;
  // What is read whole is read in here: a body that breaks off is asked for again.
  const get = async <T>(
    name: ImageName,
    path: string,
    headers: Record<string, string>,
    signal: AbortSignal,
    read: (response: Response) => T | Promise<T>,
  ): Promise<T> => {
    try {
      return await retry(async () => read(await authorized(options, name, path, headers, signal)), {
        what: `${name.registry}/${name.repository}`,
        attempts: options.attempts ?? 4,
        retryIf: (err) => err instanceof RegistryTrouble,
        signal,
      });
    } catch (err) {
      if (!(err instanceof RegistryTrouble)) throw err;
      throw new UserError(err.message, { code: "registry-unreachable", cause: err });
    }
  };
  return {
    async manifest(name, reference, signal) {
      const body = {
        host: name.registry,
        what: `the manifest of ${imageNameText(name)}`,
        mostBytes: largestManifest,
        patience,
      };
      const { bytes, type } = await get(
        name,
        `manifests/${reference}`,
        { accept: accepted },
        signal,
        async (response) => ({
          bytes: await wholeBody(response, body),
          type: response.headers.get("content-type") ?? "",
        }),
      );
      const digest = sha256(bytes);
      if (reference.startsWith("sha256:") && digest !== reference)
        throw new UserError(
          `${name.registry} answers with other content than ${reference}: its digest is ${digest}`,
        );
      const mediaType = type.split(";", 1)[0] ?? "";
      return { bytes, digest, mediaType: mediaType.trim() };
    },
    async blob(name, digest, offset, signal) {
      const range = offset === 0 ? {} : { range: `bytes=${offset}-` };
      const response = await get(name, `blobs/${digest}`, range, signal, (answer) => answer);
      const from = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1];
      const stream = response.body ?? new ReadableStream({ start: (controller) => controller.close() });
      return { offset: response.status === 206 ? Number(from ?? offset) : 0, stream };
    },
  };
}

async function authorized(
  { send, authorizer, plainHttp, patience }: RegistryClientOptions,
  name: ImageName,
  path: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Response> {
  const url = `${plainHttp ? "http" : "https"}://${apiHost(name.registry)}/v2/${name.repository}/${path}`;
  const ask = (): Promise<Response> => {
    const authorization = authorizer.header(name);
    return send(url, {
      headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
      signal,
    });
  };
  let response = await ask();
  let asked = false;
  // Who answers at the end of a redirect would otherwise name a place of its own for the password.
  const other = otherOrigin(response, url);
  if (response.status === 401 && other === undefined) {
    const challenge = response.headers.get("www-authenticate") ?? "";
    asked = await authorizer.answer(name, challenge, signal);
    if (asked) {
      await response.body?.cancel();
      response = await ask();
    }
  }
  if (response.ok) return response;
  throw await refusal(response, name, path, { asked, other: otherOrigin(response, url), patience });
}

/** The host that answers, if it is not the one that was asked. */
function otherOrigin(response: Response, url: string): string | undefined {
  const { origin, host } = new URL(response.url);
  return origin === new URL(url).origin ? undefined : host;
}

const errorsSchema = z.object({
  errors: z.array(z.object({ code: z.string(), message: z.string().optional() })),
});

interface AskedAndAnswered {
  /** Whether it got credentials. */
  readonly asked: boolean;
  readonly other: string | undefined;
  readonly patience: BodyPatience | undefined;
}

async function refusal(
  response: Response,
  name: ImageName,
  path: string,
  { asked, other, patience }: AskedAndAnswered,
): Promise<Error> {
  const { status } = response;
  const said = words(await beginningOf(response, { host: name.registry, mostBytes: 10_000, patience }));
  const what = path.startsWith("manifests/") ? imageNameText(name) : `${path} of ${imageNameText(name)}`;
  if (status === 401 && other !== undefined)
    return new UserError(
      `${name.registry} sends us to ${other} for ${what}, which asks for credentials; they are sent to nobody but the registry${said}`,
      { code: "registry-unauthorized" },
    );
  if (status === 401)
    return new UserError(
      asked
        ? `${name.registry} does not accept the credentials for ${name.repository}${said}`
        : `${name.registry} asks for credentials for ${name.repository}${said}`,
      {
        code: "registry-unauthorized",
        hint: "--registries-config names a file with credentials, as `docker login` writes it.",
      },
    );
  if (status === 403)
    return new UserError(`${name.registry} does not let us read ${name.repository}${said}`, {
      code: "registry-denied",
    });
  if (status === 404) return new UserError(`there is no ${what}${said}`, { code: "image-missing" });
  const message = `${name.registry} answers HTTP ${status} for ${what}${said}`;
  const passes = status === 408 || status === 429 || status >= 500;
  return passes
    ? new RegistryTrouble(message, { retryAfter: response.headers.get("retry-after") })
    : new UserError(message);
}

/** What the registry says of it, in brackets. */
function words(text: string): string {
  try {
    const [first] = errorsSchema.parse(JSON.parse(text)).errors;
    return first === undefined ? "" : ` (${first.message ?? first.code})`;
  } catch {
    // Not every server behind a registry answers in the form of the protocol.
    return "";
  }
}
