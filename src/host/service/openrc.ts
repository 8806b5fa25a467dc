// OpenRC with its supervise-daemon. Upstream: pkg/install/linux_openrc.go.

import { type InitSystem, type ServiceDefinition, serviceDescription } from "./definition.ts";
import { insideDoubleQuotes, shellWord } from "./quote.ts";
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
  unregister: (name) => [["rc-update", "delete", name, "default"]],
  forget: () => [],
  start: (name) => ["rc-service", name, "start"],
  stop: (name) => ["rc-service", name, "stop"],
  restart: (name) => ["rc-service", name, "restart"],
  query: (name) => ["rc-service", name, "status"],
  // 0 started, 3 stopped, 32 crashed; a service that is starting answers 8.
  isRunning: ({ code }) => code === 0 || code === 8,
};

function scriptText({ program, args, environment }: ServiceDefinition): string {
  const variables = environment.map(([name, value]) => `export ${name}=${shellWord(value)}\n`);
  // Evaluated twice: here, and by openrc-run. The line keeps upstream's form, which tools rewrite.
  const words = args.map((word) => insideDoubleQuotes(`${shellWord(word)} `)).join("");
  return `#!/sbin/openrc-run
${variables.join("")}supervisor=supervise-daemon
description="${serviceDescription}"
command=${shellWord(program)}
command_args="${words}"
name=$(basename "$(readlink -f "$command")")
supervise_daemon_args="--stdout /var/log/\${name}.log --stderr /var/log/\${name}.err"
retry="SIGTERM/90/SIGKILL/5"

: "\${rc_ulimit=-n 1048576 -u unlimited}"

depend() {
	need cgroups
	need net
	use dns
	after firewall
}
`;
}
