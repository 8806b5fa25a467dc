import { defaultApiPort, defaultJoinApiPort } from "../../config/default-ports.ts";
import { parseDuration } from "../../std/duration.ts";
import { defineCommand } from "../core/command.ts";
import { boolFlag, parsedFlag, stringFlag } from "../core/flag.ts";
import { obsoletePersistentFlags, persistentFlags } from "../core/persistent-flags.ts";

const dayMs = 24 * 3_600_000;

function lifetimeFlag(name: string) {
  return parsedFlag<number>(
    name,
    "how long the token can be used; 0 means for ever",
    { value: dayMs, text: "24h0m0s" },
    (texts) => {
      const ms = parseDuration(texts.at(-1) ?? "");
      if (ms < 0) throw new Error("must not be negative");
      return ms;
    },
    { type: "duration" },
  );
}

const roleFlag = stringFlag("role", "what may join with the token: worker or controller", {
  default: "worker",
});

const createCommand = defineCommand({
  name: "create",
  summary: "Create a join token",
  example: `k0s token create --role worker --expiry 100h        join a worker within 100 hours
k0s token create --role controller > token-file     join a controller within 24 hours`,
  args: { min: 0, max: 0 },
  flags: {
    ...persistentFlags,
    expiry: lifetimeFlag("expiry"),
    role: roleFlag,
    wait: boolFlag("wait", "wait until this controller can make tokens (at most two minutes)"),
  },
  run: async ({ flags, io }) => (await import("./manage.ts")).tokenCreate(flags, io),
});

const listCommand = defineCommand({
  name: "list",
  summary: "List join tokens",
  example: "k0s token list --role worker",
  args: { min: 0, max: 0 },
  flags: { ...persistentFlags, role: stringFlag("role", "only tokens for worker or controller") },
  run: async ({ flags, io }) => (await import("./manage.ts")).tokenList(flags, io),
});

const invalidateCommand = defineCommand({
  name: "invalidate",
  usage: "id...",
  summary: "Invalidate existing join tokens",
  example: "k0s token invalidate xyz123",
  args: { min: 1, max: Number.POSITIVE_INFINITY },
  flags: persistentFlags,
  run: async ({ flags, args, io }) => (await import("./manage.ts")).tokenInvalidate(flags, args, io),
});

const preSharedCommand = defineCommand({
  name: "pre-shared",
  summary: "Generate a join token and its Secret as files, before there is a cluster",
  description: `Generate a join token and its Secret as files. No cluster is needed.

The Secret goes into a folder below <data-dir>/manifests of a controller that has the CA in its pki folder; the token to the hosts that join.`,
  example:
    "k0s token pre-shared --role worker --cert <path>/<to>/ca.crt --url https://<controller-ip>:<port>/",
  args: { min: 0, max: 0 },
  flags: {
    ...obsoletePersistentFlags,
    cert: stringFlag("cert", "file with the certificate of the cluster's CA"),
    url: stringFlag(
      "url",
      `where to join: https://<ip>:${defaultApiPort}/ for workers, https://<ip>:${defaultJoinApiPort}/ for controllers`,
    ),
    role: roleFlag,
    out: stringFlag("out", "directory to write the two files to", { default: "." }),
    valid: lifetimeFlag("valid"),
  },
  run: async ({ flags, io }) => (await import("./pre-shared.ts")).tokenPreShared(flags, io),
});

export const tokenCommand = defineCommand({
  name: "token",
  summary: "Manage join tokens",
  commands: [createCommand, listCommand, invalidateCommand, preSharedCommand],
});
