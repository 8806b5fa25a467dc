// What answers a test inside of a virtual machine: a shell script of Debian's or busybox' shell on serial ports of virtio, so that it needs no
// network, no key and no service manager. An order is a line `<number> <script in base64>`, its answer a line
// `<number> <exit code> <output> <error output>`, both in base64. One order at a time on each port.

export const agentPath = "/usr/local/lib/test-agent";

/** Begins the name of a port. */
export const agentPort = "test-agent.";

export const agentScript = `#!/bin/sh
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
serve() {
  mkdir -p "$2"
  cd /
  exec 3<>"$1"
  while :; do
    # Without anybody at the other end the port is at its end.
    read -r number script <&3 || { sleep 1; continue; }
    echo "$script" | base64 -d >"$2/script"
    sh "$2/script" </dev/null >"$2/output" 2>"$2/errors" 3>&-
    code=$?
    { printf '%s %s ' "$number" "$code"; base64 -w 0 "$2/output"; printf ' '; base64 -w 0 "$2/errors"; echo; } >&3
  done
}

for port in /sys/class/virtio-ports/*; do
  name=$(cat "$port/name")
  case $name in ${agentPort}*) serve "/dev/\${port##*/}" "/run/test-agent/$name" & ;; esac
done
wait
`;
