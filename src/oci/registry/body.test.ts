import { expect, test } from "bun:test";
import { errorMessage } from "../../std/errors.ts";
import { createAuthorizer } from "./authorizer.ts";
import { type BodyPatience, usualPatience } from "./body.ts";
import { type Manifest, registryClient } from "./client.ts";
import { parseImageName } from "./image-name.ts";
import {
  fakeImage,
  fakeRegistry,
  type FakeRegistry,
  type FakeRegistryOptions,
} from "./testdata/fake-registry.ts";
import { createTransport } from "./transport.ts";

const image = fakeImage();
const registryWith = (before: NonNullable<FakeRegistryOptions["before"]>): FakeRegistry =>
  fakeRegistry({ image, before });
const said = async (work: Promise<unknown>): Promise<string> => work.then(() => "no error", errorMessage);

async function manifestOf({ host }: FakeRegistry, changes: Partial<BodyPatience> = {}): Promise<Manifest> {
  const send = createTransport({ plainHttp: true });
  const patience = { ...usualPatience, ...changes };
  const authorizer = createAuthorizer({ send, plainHttp: true, credential: async () => undefined, patience });
  const client = registryClient({ send, authorizer, plainHttp: true, attempts: 2, patience });
  return client.manifest(parseImageName(`${host}/team/shop:4`), "4", new AbortController().signal);
}

/** Sends `chunk` every so often, and never ends. */
const endless = (chunk: string, everyMs: number): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode(chunk)),
    async pull(controller) {
      await Bun.sleep(everyMs);
      controller.enqueue(new TextEncoder().encode(chunk));
    },
  });

test("a manifest that does not come whole is asked for again, and not for ever", async () => {
  let manifests = 0;
  let stalled = 1;
  using registry = registryWith(() => {
    manifests += 1;
    return manifests > stalled ? undefined : new Response(endless("{", 60_000));
  });
  expect((await manifestOf(registry, { silenceMs: 200 })).bytes).toEqual(image.index);
  expect(manifests).toBe(2);
  manifests = 0;
  stalled = 100;
  expect(await said(manifestOf(registry, { silenceMs: 200 }))).toBe(
    `${registry.host} sends nothing any more`,
  );
  using slow = registryWith(() => new Response(endless(" ", 20)));
  expect(await said(manifestOf(slow, { wholeMs: 200 }))).toBe(
    `${slow.host} is too slow: the manifest of ${slow.host}/team/shop:4 is not there after 0.2s`,
  );
});

test("a manifest that is too large is left as soon as that is seen", async () => {
  let sent = 0;
  using registry = registryWith(
    () =>
      new Response(
        new ReadableStream({
          pull(controller) {
            sent += 1;
            if (sent > 200) controller.close();
            else controller.enqueue(new Uint8Array(1 << 20));
          },
        }),
      ),
  );
  expect(await said(manifestOf(registry))).toBe(
    `the manifest of ${registry.host}/team/shop:4 is too large: more than 8388608 bytes`,
  );
  expect(sent).toBeLessThan(100);
});

test("neither the words of a refusal nor a token are waited for without end", async () => {
  using refusing = registryWith(() => new Response(endless("x", 60_000), { status: 404 }));
  expect(await said(manifestOf(refusing, { silenceMs: 200 }))).toBe(
    `there is no ${refusing.host}/team/shop:4`,
  );
  let asked = 0;
  using tokens = Bun.serve({
    port: 0,
    fetch() {
      asked += 1;
      return asked > 1 ? Response.json({ token: "the-token" }) : new Response(endless("{", 60_000));
    },
  });
  const challenge = `Bearer realm="${tokens.url.origin}/token"`;
  using registry = registryWith((request) =>
    request.headers.has("authorization")
      ? undefined
      : new Response(null, { status: 401, headers: { "www-authenticate": challenge } }),
  );
  expect((await manifestOf(registry, { silenceMs: 200 })).bytes).toEqual(image.index);
  expect(asked).toBe(2);
});
