import { defineCommand } from "../core/command.ts";
import { boolFlag, parsedFlag } from "../core/flag.ts";
import { controllerCommandFlags, workerCommandFlags } from "../node/options.ts";

export const serviceFlags = {
  env: parsedFlag<readonly string[]>(
    "env",
    "a variable of the service, NAME=value, or NAME for the value that it has here; repeatable",
    { value: [], text: "" },
    (texts) => texts,
    { short: "e", type: "stringArray", repeatable: true },
  ),
  force: boolFlag("force", "replace a definition that k0s did not write, or that was edited since"),
  start: boolFlag("start", "start the service, or restart it if it runs"),
};

export const installControllerFlags = { ...controllerCommandFlags, ...serviceFlags };
export const installWorkerFlags = { ...workerCommandFlags, ...serviceFlags };

const description = `The flags of the %s are those that the service will run with. Relative paths become absolute. Given again with other
flags, the service is changed to those, and the difference is shown; a running service has them after a restart.

Service managers: systemd, OpenRC, System V init, runit, s6.`;

export const installCommand = defineCommand({
  name: "install",
  summary: "Install k0s as a service of this host",
  commands: [
    defineCommand({
      name: "controller",
      aliases: ["server"],
      summary: "Install a k0s controller as a service. Must be run as root",
      description: description.replace("%s", "controller"),
      example: `A whole cluster on this machine, now and after each boot:
  $ k0s install controller --single --start`,
      flags: installControllerFlags,
      run: async (invocation) => (await import("./run.ts")).installController(invocation),
    }),
    defineCommand({
      name: "worker",
      summary: "Install a k0s worker as a service. Must be run as root",
      description: description.replace("%s", "worker"),
      example: `  $ k0s install worker --token-file /etc/k0s/token --start`,
      flags: installWorkerFlags,
      run: async (invocation) => (await import("./run.ts")).installWorker(invocation),
      onWindows: async (invocation) => (await import("../windows/service.ts")).installOnWindows(invocation),
    }),
  ],
});
