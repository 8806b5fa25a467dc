import { componentNamesOf } from "../../roles/folds/names.ts";
import { controllerRole } from "../../roles/controller.ts";
import { workerRole } from "../../roles/worker.ts";
import { defineCommand } from "../core/command.ts";
import { boolFlag } from "../core/flag.ts";
import { persistentFlags } from "../core/persistent-flags.ts";

export const levelCommand = defineCommand({
  name: "level",
  usage: "<component> <level>",
  summary: "Change what a component logs, while it runs. Must be run as root",
  description: `Change what a component of this host logs, until k0s ends.

error, warn, info, debug: from which of its lines on they get into the log; warn by default. 0 to 10: how much a program of Kubernetes says, and all of it gets into the log. default: as at the start of k0s.

kubelet takes another number while it runs, on a controller; kube-apiserver does if its profiling is on. Others have to be started again, which --restart does; pods keep running.`,
  example: `All that kubelet has to say:
  $ k0s logs level kubelet 4
  $ k0s logs kubelet -f

As before:
  $ k0s logs level kubelet default`,
  args: { min: 2, max: 2, choices: componentNamesOf([...controllerRole, ...workerRole]) },
  flags: {
    restart: boolFlag("restart", "start the component again with this level of its own"),
    ...persistentFlags,
  },
  run: async ({ args: [component = "", level = ""], flags, io }) =>
    (await import("./level.ts")).setLevel({ component, level }, flags, io),
});
