// System V init: a script that starts k0s in the background and keeps its pid. Nothing starts k0s again when it dies.
// Upstream: pkg/install/linux_sysv.go.

import {
  type InitSystem,
  type ServiceDefinition,
  serviceDescription,
  type ServiceLink,
  type ServiceName,
} from "./definition.ts";
import { shellWord } from "./quote.ts";
import { signed } from "./signature.ts";

const script = (name: ServiceName): string => `/etc/init.d/${name}`;

/** insserv gives links the numbers that follow from the scripts' dependencies; `update-rc.d NAME disable` makes an S a K. */
const link = (name: ServiceName, level: string, order: string): ServiceLink => ({
  path: `/etc/rc${level}.d/${order}${name}`,
  renamed: new RegExp(`^[SK]\\d\\d${name}$`),
  target: script(name),
});

const startLevels = ["2", "3", "4", "5"];
const stopLevels = ["0", "1", "6"];

export const sysV: InitSystem = {
  platform: "unix-systemv",
  title: "System V init",
  definitionPath: script,
  definition: (service) => ({
    path: script(service.name),
    mode: service.environment.length === 0 ? 0o755 : 0o700,
    text: signed(scriptText(service), service.dataDir),
  }),
  links: (name) => [
    ...startLevels.map((level) => link(name, level, "S50")),
    ...stopLevels.map((level) => link(name, level, "K02")),
  ],
  register: () => [],
  unregister: () => [],
  leaves: (name) => [`/var/run/${name}.pid`],
  logs: (name) => [`/var/log/${name}.log`, `/var/log/${name}.err`],
  forget: () => [],
  start: (name) => [script(name), "start"],
  stop: (name) => [script(name), "stop"],
  restart: (name) => [script(name), "restart"],
  query: (name) => [script(name), "status"],
  isRunning: ({ code }) => code === 0,
};

/** Its log is made for root alone: it may name what the cluster runs. */
function scriptText({ name, program, args, environment }: ServiceDefinition): string {
  const variables = environment.map(([key, value]) => `export ${key}=${shellWord(value)}\n`);
  const command = [program, ...args].map(shellWord).join(" ");
  return `#!/bin/sh
# chkconfig: 2345 99 01
# description: ${serviceDescription}

### BEGIN INIT INFO
# Provides:          ${name}
# Required-Start:    $network $local_fs $remote_fs
# Required-Stop:     $network $local_fs $remote_fs
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: ${name}
# Description:       ${serviceDescription}
### END INIT INFO

name=${name}
program=${shellWord(program)}
pid_file="/var/run/$name.pid"
${variables.join("")}
[ -e "/etc/sysconfig/$name" ] && . "/etc/sysconfig/$name"

# The pid of k0s if the process of that number still is k0s: numbers are used again.
running() {
	pid=$(cat "$pid_file" 2>/dev/null) || return 1
	[ -n "$pid" ] || return 1
	tr '\\0' '\\n' <"/proc/$pid/environ" 2>/dev/null | grep -qxF "K0S_SERVICE=$name"
}

start() {
	if running; then echo "$name already runs"; return 0; fi
	cd /
	ulimit -n 1048576 2>/dev/null || ulimit -n "$(ulimit -Hn)"
	(umask 077 && : >>"/var/log/$name.log" && : >>"/var/log/$name.err")
	K0S_SERVICE=$name setsid ${command} </dev/null >>"/var/log/$name.log" 2>>"/var/log/$name.err" &
	echo $! >"$pid_file"
	sleep 1
	running || { echo "$name did not start, see /var/log/$name.err"; return 1; }
}

stop() {
	running || { echo "$name does not run"; return 0; }
	kill -TERM "$pid"
	waited=0
	while running; do
		[ "$waited" -lt 90 ] || { echo "$name did not end within 90 s"; return 1; }
		sleep 1
		waited=$((waited + 1))
	done
	rm -f "$pid_file"
}

case "$1" in
start) start ;;
stop) stop ;;
restart) stop && start ;;
status) if running; then echo "$name runs, pid $pid"; else echo "$name does not run"; exit 3; fi ;;
*) echo "Usage: $0 {start|stop|restart|status}"; exit 2 ;;
esac
`;
}
