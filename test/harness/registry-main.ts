// A registry that only serves: the images of an OCI layout over the distribution protocol's GET and HEAD, and a line on
// standard output for each request. Arguments: the folder of the unpacked layout, address, port.

import { join } from "node:path";
import { indexSchema } from "../../src/oci/image.ts";

const [layout = "", hostname = "", port = ""] = process.argv.slice(2);
const index = indexSchema.parse(await Bun.file(join(layout, "index.json")).json());

/** The part of a reference behind the registry's name, as `k0s/web:1`, with the manifest that it means. */
const manifests = new Map(
  index.manifests.flatMap((manifest) => {
    const reference = manifest.annotations?.["io.containerd.image.name"];
    return reference === undefined ? [] : [[reference.slice(reference.indexOf("/") + 1), manifest]];
  }),
);

function blob(digest: string, mediaType: string, withBody: boolean): Response {
  const file = Bun.file(join(layout, "blobs", digest.replace(":", "/")));
  const headers = {
    "content-type": mediaType,
    "docker-content-digest": digest,
    "content-length": `${file.size}`,
  };
  return new Response(withBody ? file : null, { headers });
}

const server = Bun.serve({
  hostname,
  port: Number(port),
  fetch(request) {
    const { pathname } = new URL(request.url);
    console.log(`${request.method} ${pathname}`);
    const withBody = request.method === "GET";
    if (pathname === "/v2/") return new Response("{}");
    const [, name, kind, reference] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(pathname) ?? [];
    if (name === undefined || reference === undefined) return new Response("not found", { status: 404 });
    if (kind === "blobs") return blob(reference, "application/octet-stream", withBody);
    const manifest =
      manifests.get(`${name}:${reference}`) ??
      [...manifests.values()].find(({ digest }) => digest === reference);
    if (manifest === undefined) return new Response("no such manifest", { status: 404 });
    return blob(manifest.digest, manifest.mediaType, withBody);
  },
});
console.log(`serving on ${server.url.host}`);
