// Uses up descriptors or local ports, and prints what is said about it.

import { openSync, writeSync } from "node:fs";
import { ownConnectTrouble } from "../host-shortage.ts";

const say = (text: string | undefined): void => void writeSync(1, `${text}\n`);

const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
// What is needed is opened before.
ownConnectTrouble("127.0.0.1", listener.port);

const { port } = listener;
const open = (): Promise<unknown> | number =>
  process.argv[2] === "descriptors"
    ? openSync("/dev/null", "r")
    : Bun.connect({ hostname: "127.0.0.1", port, socket: { data: () => undefined } });
try {
  for (;;) await open();
} catch {
  say(ownConnectTrouble("127.0.0.1", port));
  say(ownConnectTrouble("::2", port));
}
process.exit(0);
