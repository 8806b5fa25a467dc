// A registry whose faults a test chooses: how it asks for credentials, where it sends for blobs, what it cuts off.

import { sha256 } from "../../image.ts";
import { mediaTypes } from "../../media-types.ts";

export interface FakeImage {
  readonly blobs: ReadonlyMap<string, Uint8Array>;
  /** Of the index, and of each manifest by its architecture. */
  readonly index: Uint8Array;
  readonly manifests: Readonly<Record<string, Uint8Array>>;
  readonly layers: Readonly<Record<string, Uint8Array>>;
}

export const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** An image for amd64 and arm64, with an attestation of the first. */
export function fakeImage(layerBytes = 3000): FakeImage {
  const manifests: Record<string, Uint8Array> = {};
  const layers: Record<string, Uint8Array> = {};
  const blobs = new Map<string, Uint8Array>();
  const put = (data: Uint8Array, mediaType: string) => {
    blobs.set(sha256(data), data);
    return { mediaType, digest: sha256(data), size: data.length };
  };
  for (const architecture of ["amd64", "arm64", "attestation"]) {
    const layer = new Uint8Array(layerBytes).map((_, index) => (index * 7 + architecture.charCodeAt(1)) % 251);
    layers[architecture] = layer;
    const config = encode({ architecture, os: "linux", rootfs: { type: "layers", diff_ids: [sha256(layer)] } });
    manifests[architecture] = encode({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: put(config, mediaTypes.config),
      layers: [put(layer, mediaTypes.layer)],
    });
  }
  const describe = (architecture: string) => ({
    mediaType: mediaTypes.manifest,
    digest: sha256(manifests[architecture] ?? ""),
    size: manifests[architecture]?.length ?? 0,
  });
  const index = encode({
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: [
      ...["amd64", "arm64"].map((architecture) => ({
        ...describe(architecture),
        platform: { os: "linux", architecture },
      })),
      {
        ...describe("attestation"),
        platform: { os: "unknown", architecture: "unknown" },
        annotations: {
          "vnd.docker.reference.type": "attestation-manifest",
          "vnd.docker.reference.digest": describe("amd64").digest,
        },
      },
    ],
  });
  return { blobs, index, manifests, layers };
}

export interface FakeRegistryOptions {
  readonly image: FakeImage;
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Answers in place of the registry; undefined: as it does. */
  readonly before?: (request: Request, url: URL) => Promise<Response | undefined> | Response | undefined;
}

export interface FakeRegistry extends Disposable {
  /** `localhost:PORT` */
  readonly host: string;
  /** Method and path of each request, with the Range that was asked for. */
  readonly requests: string[];
}

export function fakeRegistry({ image, tls, before }: FakeRegistryOptions): FakeRegistry {
  const requests: string[] = [];
  const manifests = new Map([image.index, ...Object.values(image.manifests)].map((data) => [sha256(data) as string, data]));
  const server = Bun.serve({
    port: 0,
    ...(tls === undefined ? {} : { tls }),
    async fetch(request) {
      const url = new URL(request.url);
      const range = request.headers.get("range");
      requests.push(`${request.method} ${url.pathname}${range === null ? "" : ` ${range}`}`);
      const other = await before?.(request, url);
      if (other !== undefined) return other;
      const [, kind, reference = ""] = /\/(manifests|blobs)\/([^/]+)$/.exec(url.pathname) ?? [];
      const data = kind === "blobs" ? image.blobs.get(reference) : (manifests.get(reference) ?? image.index);
      if (data === undefined) return Response.json({ errors: [{ code: "BLOB_UNKNOWN" }] }, { status: 404 });
      if (kind === "blobs") return blobAnswer(data, range);
      const type = data === image.index ? mediaTypes.index : mediaTypes.manifest;
      return new Response(data.slice(), { headers: { "content-type": type } });
    },
  });
  return { host: `localhost:${server.port}`, requests, [Symbol.dispose]: () => void server.stop(true) };
}

function blobAnswer(data: Uint8Array, range: string | null): Response {
  const from = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
  if (from === 0) return new Response(data.slice());
  const headers = { "content-range": `bytes ${from}-${data.length - 1}/${data.length}` };
  return new Response(data.slice(from), { status: 206, headers });
}
