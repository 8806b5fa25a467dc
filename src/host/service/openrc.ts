// OpenRC with its supervise-daemon. Upstream: pkg/install/linux_openrc.go.

import { basename, join } from "node:path";
import { type Answer, type InitSystem, type ServiceDefinition, serviceDescription } from "./definition.ts";
import { insideDoubleQuotes, isPlainWord, shellWord } from "./quote.ts";
import { signed } from "./signature.ts";

export const openRc: InitSystem = {
  platform: "linux-openrc",
  title: "OpenRC",
  definitionPath: (name) => `/etc/init.d/${name}`,
  definition: (service) => ({
    path: `/etc/init.d/${service.name}`,
    mode: service.environment.length === 0 ? 0o755 : 0o700,
    text: signed(scriptText(service), service.dataDir),
  }),
  links: () => [],
  register: (name) => [["rc-update", "add", name, "default"]],
  // From all runlevels: an admin may have moved it.
  unregister: (name) => [["rc-update", "--all", "delete", name]],
  isUnregistered: onlyMissing,
  // Its control groups, in one hierarchy or in several.
  leavesEmpty: (name) => ["openrc", "unified", ""].map((folder) => join("/sys/fs/cgroup", folder, name)),
  logs: (_, program) => [`/var/log/${basename(program)}.log`, `/var/log/${basename(program)}.err`],
  forget: () => [],
  start: (name) => ["rc-service", name, "start"],
  stop: (name) => ["rc-service", name, "stop"],
  restart: (name) => ["rc-service", name, "restart"],
  query: (name) => ["rc-service", name, "status"],
  // 0 started, 3 stopped, 32 crashed; a service that is stopping answers 4, one that is starting 8.
  isRunning: ({ code }) => code === 0 || code === 4 || code === 8,
};

/** rc-update fails for each runlevel that did not have the service, also when it has removed it from another one. */
function onlyMissing({ stdout, stderr }: Answer): boolean {
  const said = `${stdout}\n${stderr}`.split("\n").filter((line) => line.trim() !== "");
  const fine = /removed from runlevel|is not in the runlevel|not found in any of the specified runlevels/;
  return said.length > 0 && said.every((line) => fine.test(line));
}

function scriptText({ program, args, environment }: ServiceDefinition): string {
  const variables = environment.map(([name, value]) => `export ${name}=${shellWord(value)}\n`);
  // Evaluated twice: here, and by openrc-run. The lines keep upstream's form, which tools rewrite, where that can be.
  const words = args.map((word) => insideDoubleQuotes(`${shellWord(word)} `)).join("");
  const path = shellWord(program);
  const command = isPlainWord(program) ? path : `"${insideDoubleQuotes(path)}"`;
  return `#!/sbin/openrc-run
${variables.join("")}supervisor=supervise-daemon
description="${serviceDescription}"
command=${command}
command_args="${words}"
name=$(basename "$(readlink -f ${path})")
supervise_daemon_args="--stdout '/var/log/\${name}.log' --stderr '/var/log/\${name}.err'"
retry="SIGTERM/90/SIGKILL/5"

# supervise-daemon would start it again at once, and give it up after ten times.
: "\${respawn_delay=10}"
: "\${respawn_max=0}"

depend() {
	want cgroups net
	use dns
	after firewall
}

# What rc_ulimit in /etc/conf.d or /etc/rc.conf says counts. Shells differ in the letter for processes.
start_pre() {
	[ -z "\${rc_ulimit:-$RC_ULIMIT}" ] || return 0
	ulimit -n 1048576 2>/dev/null || ulimit -n "$(ulimit -Hn)"
	ulimit -u unlimited 2>/dev/null || ulimit -p unlimited 2>/dev/null || true
}

# Without this, the evaluation of the words above would join their spaces and look for files by their stars.
start() {
	local IFS=
	set -f
	default_start
}
`;
}
