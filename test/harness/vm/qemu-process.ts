// One boot of a virtual machine: a process of qemu from its start to its end, and the channels to the agent inside.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { describeEnd } from "../../../src/std/program-end.ts";
import { pollUntil } from "../../../src/std/wait.ts";
import { type AgentChannel, openChannel } from "./agent-channel.ts";
import { channelPath, consolePath, qemuArguments, type QemuMachine } from "./qemu-arguments.ts";

export interface QemuProcess {
  readonly channels: readonly AgentChannel[];
  /** Resolves with how it ended: in order or not. */
  readonly ended: Promise<string>;
  /** As when somebody pulls the plug. */
  kill(): Promise<void>;
}

/** `setpriv` ends it with the test, however that ends. */
export async function startQemu(machine: QemuMachine): Promise<QemuProcess> {
  const sockets = Array.from({ length: machine.channels }, (_, at) => channelPath(machine.dir, at));
  for (const path of sockets) await rm(path, { force: true });
  const { bridge } = machine;
  const inNetwork = bridge === undefined ? [] : ["nsenter", `--net=${bridge.namespace}`];
  const qemu = ["setpriv", "--pdeathsig=KILL", "qemu-system-x86_64", ...qemuArguments(machine)];
  const [program = "", ...argv] = [...inNetwork, ...qemu];
  const child = spawn(program, argv, { stdio: ["ignore", "ignore", "pipe"] });
  let words = "";
  child.stderr.on("data", (chunk: Buffer) => (words += chunk.toString()));
  const { promise: ended, resolve, reject } = Promise.withResolvers<string>();
  child.once("error", reject);
  child.once("close", (code, signal) =>
    resolve(`qemu ${describeEnd({ code, signal })}${words && `: ${words}`}`),
  );
  const listening = pollUntil(() => sockets.every(existsSync), {
    what: "qemu's sockets",
    intervalMs: 50,
    timeoutMs: 60_000,
  });
  const end = await Promise.race([listening, ended]);
  if (typeof end === "string") throw new Error(end);
  const channels = await Promise.all(sockets.map(openChannel));
  return {
    channels,
    ended: ended.finally(() => {
      for (const channel of channels) channel.close();
    }),
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** What the machine has said on its serial console, all boots one after the other. */
export async function readConsole(dir: string, lines: number): Promise<string> {
  const path = consolePath(dir);
  if (!existsSync(path)) return "";
  // Colours and positions of a terminal.
  const text = (await readFile(path, "utf8")).replace(/\x1b\[[0-9;?]*[a-zA-Z]/g, "").replaceAll("\r", ""); // eslint-disable-line no-control-regex
  return text.trimEnd().split("\n").slice(-lines).join("\n");
}
