import { expect, test } from "bun:test";
import { WriteAction } from "../../../proto/containerd/services/content/v1/content_pb.js";
import type { ContainerdClient } from "../client.ts";
import { uploadBlob } from "./upload-blob.ts";

const digest: `sha256:${string}` = `sha256:${"ab".repeat(32)}`;
const other = `sha256:${"cd".repeat(32)}`;

/** A containerd that has this of the blob, and notes what it is sent. */
function containerdWith(has: { readonly offset: bigint; readonly digest: string }) {
  const sent: string[] = [];
  let left = 0;
  const answers = {
    next: async () => (left-- > 0 ? { done: false, value: has } : { done: true, value: undefined }),
  };
  const write = {
    send: async ({ action, offset, data }: { action: WriteAction; offset?: bigint; data?: Uint8Array }) => {
      left += 1;
      sent.push(`${WriteAction[action]} ${offset ?? ""} ${Buffer.from(data ?? []).toString()}`.trim());
    },
    end: () => undefined,
    responses: { [Symbol.asyncIterator]: () => answers },
  };
  return { sent, client: { content: { write: () => write } } as unknown as ContainerdClient };
}

test.each([
  ["all of it, by its digest", { offset: 3n, digest }, ["STAT", "COMMIT 3"]],
  ["nothing", { offset: 0n, digest: other }, ["STAT", "WRITE 0 one", "COMMIT 3"]],
  ["other content as long", { offset: 3n, digest: other }, ["STAT", "WRITE 0 one", "COMMIT 3"]],
])("to a containerd that has %s is sent what is missing", async (_, has, expected) => {
  const { client, sent } = containerdWith(has);
  const descriptor = { digest, size: 3, mediaType: "application/octet-stream" };
  const blob = {
    size: 3,
    stream: () =>
      new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(Buffer.from("one"));
          controller.close();
        },
      }),
  };
  await uploadBlob(client, { descriptor, labels: {} }, blob, { lease: "lease" });
  expect(sent).toEqual(expected);
});
