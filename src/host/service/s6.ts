// s6, where s6-svscan is the first process and says in its arguments which directory it scans.

import type { InitSystem, ServiceDefinition, ServiceName } from "./definition.ts";
import { supervisedRunScript } from "./run-script.ts";
import { signed } from "./signature.ts";

const directory = (name: ServiceName): string => `/etc/s6/sv/${name}`;

/**
 * `image`: what is copied over the directory of `scanned` at boot, where that is in memory; s6-linux-init does so. A link
 * there makes the service start at boot.
 */
export function s6(scanned: string, image?: string): InitSystem {
  const linked = image === undefined ? [scanned] : [scanned, image];
  return {
    platform: "linux-s6",
    title: "s6",
    definitionPath: (name) => `${directory(name)}/run`,
    definition: (service: ServiceDefinition) => ({
      path: `${directory(service.name)}/run`,
      mode: service.environment.length === 0 ? 0o755 : 0o700,
      text: signed(supervisedRunScript(service), service.dataDir),
    }),
    links: (name) => linked.map((place) => ({ path: `${place}/${name}`, target: directory(name) })),
    supervision: {
      sign: (name) => `${directory(name)}/supervise/control`,
      query: (name) => ["s6-svok", directory(name)],
      workDirs: ["supervise", "event"],
    },
    register: () => [["s6-svscanctl", "-a", scanned]],
    unregister: () => [],
    logs: (name) => [`/var/log/${name}.log`],
    forget: () => [["s6-svscanctl", "-an", scanned]],
    start: (name) => ["s6-svc", "-u", directory(name)],
    stop: (name) => ["s6-svc", "-wd", "-T", "90000", "-d", directory(name)],
    restart: (name) => ["s6-svc", "-wr", "-T", "90000", "-r", directory(name)],
    query: (name) => ["s6-svstat", "-o", "up,wantedup", directory(name)],
    // `false true` between two attempts.
    isRunning: ({ stdout }) => stdout.includes("true"),
  };
}
