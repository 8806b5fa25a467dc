// runit. Its supervisor starts what is linked into the directory that it scans, so the link is made by the first start.
// Upstream: github.com/kardianos/service, service_runit_linux.go.

import type { InitSystem, ServiceDefinition, ServiceName } from "./definition.ts";
import { supervisedRunScript } from "./run-script.ts";
import { signed } from "./signature.ts";

const directory = (name: ServiceName): string => `/etc/sv/${name}`;

/** `scanned`: the directory whose entries runsvdir runs, /etc/service or /var/service. */
export function runit(scanned: string): InitSystem {
  return {
    platform: "linux-runit",
    title: "runit",
    definitionPath: (name) => `${directory(name)}/run`,
    definition: (service: ServiceDefinition) => ({
      path: `${directory(service.name)}/run`,
      mode: service.environment.length === 0 ? 0o755 : 0o700,
      text: signed(supervisedRunScript(service), service.dataDir),
    }),
    links: (name) => [{ path: `${scanned}/${name}`, target: directory(name) }],
    supervision: {
      sign: (name) => `${directory(name)}/supervise/ok`,
      query: (name) => ["sv", "status", directory(name)],
      workDirs: ["supervise"],
    },
    register: () => [],
    unregister: () => [],
    logs: (name) => [`/var/log/${name}.log`],
    forget: (name) => [["sv", "-w", "7", "exit", directory(name)]],
    start: (name) => ["sv", "up", directory(name)],
    stop: (name) => ["sv", "-w", "90", "down", directory(name)],
    restart: (name) => ["sv", "-w", "90", "restart", directory(name)],
    query: (name) => ["sv", "status", directory(name)],
    // `down: …, want up` between two attempts.
    isRunning: ({ stdout }) => /^(run|finish):|, want up\b/.test(stdout),
  };
}
