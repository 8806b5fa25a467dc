// systemd. Upstream: pkg/install/linux_systemd.go; docs/adr/0060-services.md tells what differs.

import {
  type InitSystem,
  type ServiceDefinition,
  serviceDescription,
  type ServiceName,
} from "./definition.ts";
import { systemdWord } from "./quote.ts";
import { signed } from "./signature.ts";

const unitOf = (name: ServiceName): string => `${name}.service`;
const definitionPath = (name: ServiceName): string => `/etc/systemd/system/${unitOf(name)}`;
const systemctl = (...args: string[]) => ["systemctl", ...args] as const;

export const systemd: InitSystem = {
  platform: "linux-systemd",
  title: "systemd",
  definitionPath,
  definition: (service) => ({
    path: definitionPath(service.name),
    mode: service.environment.length === 0 ? 0o644 : 0o600,
    text: signed(unitText(service), service.dataDir),
  }),
  links: () => [],
  register: (name) => [systemctl("daemon-reload"), systemctl("enable", unitOf(name))],
  unregister: (name) => [systemctl("disable", unitOf(name))],
  forget: (name) => [systemctl("daemon-reload"), systemctl("reset-failed", unitOf(name))],
  start: (name) => systemctl("start", unitOf(name)),
  stop: (name) => systemctl("stop", unitOf(name)),
  restart: (name) => systemctl("restart", unitOf(name)),
  query: (name) => systemctl("show", "--property=ActiveState", unitOf(name)),
  isRunning: ({ stdout }) => /^ActiveState=(active|activating|reloading|deactivating)$/m.test(stdout),
};

/**
 * A condition's path stands as it is: quotes and backslashes would be part of it. One that such a line cannot say (systemd
 * takes spaces off its end, and a backslash there for a line that goes on) has none; ExecStart= says what is missing then.
 */
function executableCondition(program: string): string {
  if (/\p{Cc}|[\\\s]$/u.test(program)) return "";
  return `ConditionFileIsExecutable=${program.replaceAll("%", "%%")}\n`;
}

function unitText({ program, args, environment }: ServiceDefinition): string {
  const path = systemdWord(program, { expandsVariables: false });
  const command = [path, ...args.map((word) => systemdWord(word))].join(" ");
  const variables = environment.map(
    ([name, value]) => `Environment=${systemdWord(`${name}=${value}`, { expandsVariables: false })}\n`,
  );
  return `[Unit]
Description=${serviceDescription}
Documentation=https://docs.k0sproject.io
${executableCondition(program)}After=network-online.target
Wants=network-online.target
# The pauses below are limit enough: a node that cannot start because its network is late must not be given up.
StartLimitIntervalSec=0

[Service]
ExecStart=${command}
${variables.join("")}Restart=always
RestartSec=10
# k0s ends its own processes; pods outlive it, so that a restart or an upgrade does not end them.
KillMode=process
Delegate=yes
LimitCORE=infinity
LimitNOFILE=1048576
TasksMax=infinity
TimeoutStartSec=0
TimeoutStopSec=90

[Install]
WantedBy=multi-user.target
`;
}
