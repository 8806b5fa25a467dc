// The writing process of a counting writer, beside the machines but in a network of theirs. Orders and answers are lines of
// JSON on standard input and output; the end of its input ends it.

import { createInterface } from "node:readline";
import { kubeClientOn } from "../../src/kube/client.ts";
import { parseKubeconfig } from "../../src/kube/kubeconfig.ts";
import { createTransport, type Transport } from "../../src/kube/transport.ts";
import type { KubeResource } from "../../src/kube/types.ts";
import { errorMessage } from "../../src/std/errors.ts";
import { pollUntil, sleep } from "../../src/std/wait.ts";
import type { WriterOrder, WriterReport, WriterSettings } from "./counting-writer.ts";
import { contentOf, gapsByEvent, type LedgerEvent, longestGap, lostWrites } from "./write-ledger.ts";

interface Written extends KubeResource {
  readonly data?: { readonly content?: string };
}

const label = "k0s.test/counting-writer";

class CountingWriter {
  readonly #settings: WriterSettings;
  readonly #transports: readonly Transport[];
  readonly #startedAt = Date.now();
  readonly #acknowledged: { number: number; at: number }[] = [];
  readonly #events: LedgerEvent[] = [];
  readonly #failures = new Map<string, number>();
  #endedAt = 0;

  constructor(settings: WriterSettings, transports: readonly Transport[]) {
    this.#settings = settings;
    this.#transports = transports;
  }

  mark(name: string): void {
    this.#events.push({ name, at: Date.now() });
  }

  /** Writes until the signal aborts. One endpoint is used until it fails; then it is the next one's turn. */
  async run(signal: AbortSignal): Promise<void> {
    let endpoint = 0;
    for (let number = 0; !signal.aborted; number++) {
      const transport = this.#transports[endpoint % this.#transports.length] as Transport;
      try {
        await this.#write(transport, number);
        this.#acknowledged.push({ number, at: Date.now() });
        await sleep(this.#settings.intervalMs, signal).catch(() => undefined);
      } catch (err) {
        // Whether it was written is unknown, so it counts neither way.
        const reason = errorMessage(err);
        this.#failures.set(reason, (this.#failures.get(reason) ?? 0) + 1);
        endpoint++;
        await sleep(20, signal).catch(() => undefined);
      }
    }
    this.#endedAt = Date.now();
  }

  get acknowledged(): number {
    return this.#acknowledged.length;
  }

  /** Reads everything back. */
  async report(): Promise<WriterReport> {
    const ledger = {
      acknowledged: this.#acknowledged,
      startedAt: this.#startedAt,
      endedAt: this.#endedAt,
      events: this.#events,
    };
    const found = await this.#readBack();
    return {
      acknowledged: this.#acknowledged.length,
      lost: lostWrites(ledger, found),
      longestGapMs: longestGap(ledger, this.#startedAt, this.#endedAt),
      gaps: gapsByEvent(ledger),
      failures: Object.fromEntries(this.#failures),
    };
  }

  async #write(transport: Transport, number: number): Promise<void> {
    const { id, namespace, kind, timeoutMs } = this.#settings;
    const content = contentOf(number);
    const object = {
      apiVersion: "v1",
      kind,
      metadata: { name: `${id}-${number}`, namespace, labels: { [label]: id } },
      data: { content: kind === "Secret" ? btoa(content) : content },
    };
    const answer = await transport.send({
      method: "POST",
      path: `/api/v1/namespaces/${namespace}/${kind.toLowerCase()}s`,
      body: JSON.stringify(object),
      contentType: "application/json",
      timeoutMs,
      retries: 0,
    });
    await answer.body?.cancel();
  }

  async #readBack(): Promise<Map<number, string>> {
    const { id, namespace, readBackMs, kind: name } = this.#settings;
    const kind = { apiVersion: "v1", kind: name };
    const contentIn = ({ data }: Written): string =>
      name === "Secret" ? atob(data?.content ?? "") : (data?.content ?? "");
    let turn = 0;
    const items = await pollUntil(
      async (signal) => {
        const transport = this.#transports[turn++ % this.#transports.length] as Transport;
        const list = await kubeClientOn(transport).list<Written>(kind, {
          namespace,
          labelSelector: `${label}=${id}`,
          signal,
        });
        return list.items;
      },
      { what: "the list of everything that was written", intervalMs: 200, timeoutMs: readBackMs },
    );
    return new Map(items.map((item) => [Number(item.metadata.name?.slice(id.length + 1)), contentIn(item)]));
  }
}

function answer(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

async function main(): Promise<void> {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const next = async (): Promise<WriterOrder | undefined> => {
    const { value, done } = await lines.next();
    return done === true ? undefined : (JSON.parse(value) as WriterOrder);
  };
  const first = await next();
  if (first?.order !== "start") throw new Error("the first order must be `start`");
  const { kubeconfig, endpoints } = first.settings;
  const connection = await parseKubeconfig(kubeconfig, "kubeconfig");
  const servers = endpoints.length === 0 ? [connection.server] : endpoints;
  const transports = servers.map((server) => createTransport({ server, credentials: () => connection }));
  const writer = new CountingWriter(first.settings, transports);
  const stopping = new AbortController();
  const running = writer.run(stopping.signal);
  answer({ started: true });
  for (let order = await next(); order !== undefined; order = await next()) {
    if (order.order === "mark") {
      writer.mark(order.name);
      answer({ marked: order.name });
    }
    if (order.order === "count") answer({ acknowledged: writer.acknowledged });
    if (order.order === "report") {
      stopping.abort();
      await running;
      answer(await writer.report());
    }
  }
  stopping.abort();
  await running;
}

await main();
