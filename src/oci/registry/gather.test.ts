import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { issueCa, issueLeaf, type KeyAndCertificate } from "../../pki/issue.ts";
import { errorMessage, UserError } from "../../std/errors.ts";
import { imageTarStream } from "../archive-writer.ts";
import { type ImageSource, sha256 } from "../image.ts";
import { mediaTypes } from "../media-types.ts";
import { parsePlatform } from "../platform.ts";
import { type AuthorizerOptions, createAuthorizer } from "./authorizer.ts";
import { blobStore } from "./blob-store.ts";
import { registryClient } from "./client.ts";
import { gatherImages } from "./gather.ts";
import { parseImageName } from "./image-name.ts";
import {
  encode,
  fakeImage,
  fakeRegistry,
  type FakeRegistry,
  type FakeRegistryOptions,
} from "./testdata/fake-registry.ts";
import { createTransport, type TransportOptions } from "./transport.ts";

let dir = "";
let ca: KeyAndCertificate;
let tls: KeyAndCertificate;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-gather-"));
  ca = await issueCa({ cn: "registries", expiresMs: 3_600_000, keyType: "p256" });
  tls = await issueLeaf({ cn: "registry", expiresMs: 3_600_000, keyType: "p256", ca, sans: ["localhost"] });
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const image = fakeImage();
const amd64 = sha256(image.layers["amd64"]!);
const pauses = { firstMs: 1, longestMs: 2 };

interface Gathering {
  readonly transport?: TransportOptions;
  readonly credential?: AuthorizerOptions["credential"];
  readonly platforms?: readonly string[];
  readonly concurrency?: number;
  readonly store?: string;
  readonly reference?: string;
  readonly silenceMs?: number;
}

async function gather({ host }: FakeRegistry, options: Gathering = {}): Promise<ImageSource> {
  const transport = options.transport ?? { plainHttp: true };
  const plainHttp = transport.plainHttp === true;
  const send = createTransport(transport);
  const authorizer = createAuthorizer({
    send,
    plainHttp,
    credential: options.credential ?? (async () => undefined),
  });
  const store = options.store ?? (await mkdtemp(join(dir, "store-")));
  return gatherImages({
    names: [parseImageName(`${host}/team/shop${options.reference ?? ":4"}`)],
    platforms: (options.platforms ?? ["linux/amd64"]).map(parsePlatform),
    client: registryClient({ send, authorizer, plainHttp, attempts: 2 }),
    store: blobStore(store, { pauses, silenceMs: options.silenceMs ?? 60_000 }),
    concurrency: options.concurrency ?? 3,
    signal: new AbortController().signal,
    tell: () => undefined,
  });
}

const archiveOf = async (source: ImageSource): Promise<string> =>
  sha256(await new Response(imageTarStream(source)).bytes());
const said = async (work: Promise<unknown>): Promise<string> => work.then(() => "no error", errorMessage);
const registryWith = (options: Omit<FakeRegistryOptions, "image">): FakeRegistry =>
  fakeRegistry({ image, ...options });

test("an index stays as it is; of its images only those asked for are fetched, and their attestations", async () => {
  using registry = registryWith({});
  const source = await gather(registry);
  expect(source.images).toMatchObject([
    { ref: `${registry.host}/team/shop:4`, manifestDigest: sha256(image.index), mediaType: mediaTypes.index },
  ]);
  for (const name of ["amd64", "attestation"]) {
    expect(await source.openBlob(sha256(image.layers[name]!))).toBeDefined();
    expect(await source.openBlob(sha256(image.manifests[name]!))).toBeDefined();
  }
  expect(await source.openBlob(sha256(image.layers["arm64"]!))).toBeUndefined();
  const both = await gather(registry, { platforms: ["linux/amd64", "linux/arm64"] });
  expect(await both.openBlob(sha256(image.layers["arm64"]!))).toBeDefined();
  expect(await said(gather(registry, { platforms: ["linux/s390x"] }))).toBe(
    `${registry.host}/team/shop:4 is not there for linux/s390x`,
  );
});

test("the bytes of a bundle do not depend on how many requests are made at once", async () => {
  using registry = registryWith({
    before: async () => {
      await Bun.sleep(Math.random() * 20);
      return undefined;
    },
  });
  const archives = await Promise.all(
    [1, 4, 4].map(async (concurrency) => archiveOf(await gather(registry, { concurrency }))),
  );
  expect(new Set(archives).size).toBe(1);
});

test("a certificate has to be trusted, by the authority that is named or not at all", async () => {
  using registry = registryWith({ tls });
  const refused = await gather(registry, { transport: { authorities: [] } }).catch((err: unknown) => err);
  expect(refused).toBeInstanceOf(UserError);
  expect(errorMessage(refused)).toBe(
    `cannot reach ${registry.host}: its certificate is signed by an authority that is not trusted here`,
  );
  expect((refused as UserError).hint).toContain("--certificate-authority");
  expect((await gather(registry, { transport: { authorities: [ca.cert] } })).images.length).toBe(1);
  expect(
    (await gather(registry, { transport: { authorities: [], skipVerification: true } })).images.length,
  ).toBe(1);
  using plain = registryWith({});
  expect(await said(gather(plain, { transport: {} }))).toContain("no TLS server");
});

const asksFor = (challenge: string, header: string) => (request: Request) =>
  request.headers.get("authorization") === header
    ? undefined
    : new Response(null, { status: 401, headers: { "www-authenticate": challenge } });
const password = async () => ({ kind: "password", username: "us", password: "se:cret" }) as const;
const basic = `Basic ${btoa("us:se:cret")}`;

test("a registry that asks for a password gets it; without one, and with a wrong one, it says so", async () => {
  using registry = registryWith({ before: asksFor('Basic realm="all"', basic) });
  expect((await gather(registry, { credential: password })).images.length).toBe(1);
  expect(await said(gather(registry))).toContain("asks for credentials for team/shop");
  using other = registryWith({ before: asksFor('Basic realm="all"', "Basic other") });
  expect(await said(gather(other, { credential: password }))).toContain(
    "does not accept the credentials for team/shop",
  );
});

test("a registry that asks for a token sends to where it is had, with the password or without", async () => {
  const asked: string[] = [];
  using tokens = Bun.serve({
    port: 0,
    async fetch(request) {
      const { searchParams } = new URL(request.url);
      const body = await request.text();
      asked.push(`${searchParams.toString()} ${request.headers.get("authorization") ?? body}`.trim());
      return Response.json({ token: "the-token" });
    },
  });
  const challenge = `Bearer realm="${tokens.url.origin}/token",service="shop",scope="repository:team/shop:pull"`;
  using registry = registryWith({ before: asksFor(challenge, "Bearer the-token") });
  await gather(registry, { concurrency: 1 });
  await gather(registry, { concurrency: 1, credential: password });
  await gather(registry, {
    concurrency: 1,
    credential: async () => ({ kind: "identity-token", token: "refresh" }),
  });
  const scope = "service=shop&scope=repository%3Ateam%2Fshop%3Apull";
  expect(asked).toEqual([
    scope,
    `${scope} ${basic}`,
    `${scope}&grant_type=refresh_token&client_id=k0s&refresh_token=refresh`,
  ]);
  using overTls = registryWith({ tls, before: asksFor(challenge, "Bearer the-token") });
  expect(
    await said(gather(overTls, { transport: { authorities: [ca.cert] }, credential: password })),
  ).toContain("which is not HTTPS");
});

test("credentials do not follow to where blobs are stored, and nothing leads from HTTPS to HTTP", async () => {
  const leaked: (string | null)[] = [];
  using storage = registryWith({
    before: (request) => void leaked.push(request.headers.get("authorization")),
  });
  const ask = asksFor('Basic realm="all"', basic);
  const redirects = (request: Request, url: URL): Response | undefined =>
    ask(request) ??
    (url.pathname.includes("/blobs/")
      ? Response.redirect(`http://${storage.host}${url.pathname}`, 307)
      : undefined);
  using registry = registryWith({ before: redirects });
  expect((await gather(registry, { credential: password })).images.length).toBe(1);
  expect(new Set(leaked)).toEqual(new Set([null]));
  using overTls = registryWith({ tls, before: redirects });
  expect(
    await said(gather(overTls, { credential: password, transport: { authorities: [ca.cert] } })),
  ).toContain("which is not HTTPS");
});

test("who asks for credentials at the end of a redirect does not get them", async () => {
  const leaked: (string | null)[] = [];
  using thief = Bun.serve({
    port: 0,
    fetch(request) {
      leaked.push(request.headers.get("authorization"));
      const realm = new URL("/token", request.url).href;
      return request.url.includes("/token")
        ? Response.json({ token: "t" })
        : new Response(null, { status: 401, headers: { "www-authenticate": `Bearer realm="${realm}"` } });
    },
  });
  using registry = registryWith({
    before: (_, url) => Response.redirect(new URL(url.pathname, thief.url).href, 307),
  });
  expect(await said(gather(registry, { credential: password }))).toBe(
    `${registry.host} sends us to ${thief.url.host} for ${registry.host}/team/shop:4, which asks for credentials; they are sent to nobody but the registry`,
  );
  expect(leaked).toEqual([null]);
});

test("a refresh token does not follow a redirect to another host, only to another path", async () => {
  const got: string[] = [];
  using other = Bun.serve({
    port: 0,
    async fetch(request) {
      got.push(await request.text());
      return Response.json({ token: "the-token" });
    },
  });
  let to = new URL("/token", other.url).href;
  using tokens = Bun.serve({
    port: 0,
    async fetch(request) {
      if (request.url.endsWith("/moved")) {
        const body = new URLSearchParams(await request.text());
        return Response.json({ token: body.get("refresh_token") === "secret" ? "the-token" : "" });
      }
      return Response.redirect(to, 307);
    },
  });
  const challenge = `Bearer realm="${tokens.url.origin}/token"`;
  using registry = registryWith({ before: asksFor(challenge, "Bearer the-token") });
  const credential = async () => ({ kind: "identity-token", token: "secret" }) as const;
  expect(await said(gather(registry, { credential }))).toBe(
    `${tokens.url.host} sends us to ${other.url.host}, which does not get what was meant for ${tokens.url.host}`,
  );
  expect(got).toEqual([]);
  to = new URL("/moved", tokens.url).href;
  expect((await gather(registry, { credential })).images.length).toBe(1);
});

test("a blob that is cut off is gone on with from there, by the next try and by the next run", async () => {
  const store = await mkdtemp(join(dir, "store-"));
  const half = image.blobs.get(amd64)!.slice(0, 1000);
  await writeFile(join(store, `${amd64.replace(":", "-")}.part`), half);
  let cut = 0;
  using registry = registryWith({
    before: (request, url) => {
      if (!url.pathname.endsWith(amd64) || cut > 0) return undefined;
      cut += 1;
      expect(request.headers.get("range")).toBe("bytes=1000-");
      const data = image.blobs.get(amd64)!.slice(1000, 1700);
      return new Response(data, { status: 206, headers: { "content-range": `bytes 1000-2999/3000` } });
    },
  });
  const source = await gather(registry, { store });
  const path = `/v2/team/shop/blobs/${amd64}`;
  expect(registry.requests.filter((line) => line.includes(amd64))).toEqual([
    `GET ${path} bytes=1000-`,
    `GET ${path} bytes=1700-`,
  ]);
  expect(await new Response((await source.openBlob(amd64))!.stream()).bytes()).toEqual(
    image.blobs.get(amd64)!,
  );
  expect((await readdir(store)).filter((name) => name.endsWith(".part"))).toEqual([]);
  const before = registry.requests.length;
  await gather(registry, { store });
  expect(registry.requests.slice(before).filter((line) => line.includes("/blobs/"))).toEqual([]);
});

test("a registry that does not know ranges sends all of it again; what is damaged is fetched again once", async () => {
  const store = await mkdtemp(join(dir, "store-"));
  await writeFile(join(store, `${amd64.replace(":", "-")}.part`), "nonsense");
  using registry = registryWith({
    before: (_, url) =>
      url.pathname.endsWith(amd64) ? new Response(image.blobs.get(amd64)!.slice()) : undefined,
  });
  expect((await gather(registry, { store })).images.length).toBe(1);
  using wrong = registryWith({
    before: (_, url) => (url.pathname.endsWith(amd64) ? new Response(new Uint8Array(3000)) : undefined),
  });
  expect(await said(gather(wrong))).toContain(`sends other content than ${amd64}`);
});

test("a registry that has no time is asked again, one that falls silent as well", async () => {
  let busy = 0;
  using registry = registryWith({
    before: (_, url) => {
      busy += 1;
      if (busy === 1) return new Response(null, { status: 429, headers: { "retry-after": "0" } });
      if (busy > 2 || !url.pathname.includes("manifests")) return undefined;
      return new Response(null, { status: 429, headers: { "retry-after": "0" } });
    },
  });
  expect(await said(gather(registry))).toContain("answers HTTP 429");
  busy = 100;
  expect((await gather(registry)).images.length).toBe(1);
  let silent = 0;
  using slow = registryWith({
    before: (_, url) => {
      if (!url.pathname.endsWith(amd64) || silent > 0) return undefined;
      silent += 1;
      return new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(image.blobs.get(amd64)!.slice(0, 100)),
          pull: () => Bun.sleep(60_000),
        }),
      );
    },
  });
  expect((await gather(slow, { silenceMs: 200 })).images.length).toBe(1);
  expect(silent).toBe(1);
});

test("what is not an image, not there or not allowed is said as it is", async () => {
  const answer = (body: object, type: string, status = 200) => ({
    before: () => new Response(encode(body).slice(), { status, headers: { "content-type": type } }),
  });
  using old = registryWith(
    answer({ schemaVersion: 1 }, "application/vnd.docker.distribution.manifest.v1+prettyjws"),
  );
  expect(await said(gather(old))).toContain("schema 1");
  using other = registryWith(answer({ mediaType: "application/x-other" }, "application/json"));
  expect(await said(gather(other))).toContain(`its manifest is "application/x-other"`);
  const errors = { errors: [{ code: "MANIFEST_UNKNOWN", message: "manifest unknown" }] };
  using missing = registryWith(answer(errors, "application/json", 404));
  expect(await said(gather(missing))).toBe(`there is no ${missing.host}/team/shop:4 (manifest unknown)`);
  using denied = registryWith(answer({}, "application/json", 403));
  expect(await said(gather(denied))).toBe(`${denied.host} does not let us read team/shop`);
  using registry = registryWith({});
  const digest = `@sha256:${"0".repeat(64)}`;
  expect(await said(gather(registry, { reference: digest }))).toContain("answers with other content");
});
