import { defineCommand } from "../core/command.ts";
import { parsedFlag } from "../core/flag.ts";
import { debugFlags, persistentFlags } from "../core/persistent-flags.ts";
import { parseDuration } from "../../std/duration.ts";

export const stopCommand = defineCommand({
  name: "stop",
  summary: "Stop the k0s that runs on this host. Must be run as root",
  flags: {
    ...debugFlags,
    ...persistentFlags,
    timeout: parsedFlag<number>(
      "timeout",
      "how long to wait for its end",
      { value: 90_000, text: "1m30s" },
      (texts) => parseDuration(texts.at(-1) ?? ""),
      { type: "duration" },
    ),
  },
  run: async ({ flags, io }) => (await import("./run.ts")).stop(flags, io),
  onWindows: async (invocation) => (await import("../windows/service.ts")).stopOnWindows(invocation),
});
