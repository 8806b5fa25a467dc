#!/bin/sh
# The first boot of a virtual machine: makes k0s a service, as the kernel's command line or the files that cloud-init
# has written say. docs/vm-images.md.
set -eu

# The value of a setting on the kernel's command line: k0s.role=worker. The last one counts; without any, nothing.
setting() {
  for word in $command_line; do
    case $word in "k0s.$1="*) echo "${word#*=}" ;; esac
  done | tail -n 1
}

# Nobody but root reads what is in it.
write_secret() {
  (umask 077 && mkdir -p /etc/k0s && cat >"$1.new")
  mv "$1.new" "$1"
}

# Words are divided at blanks, and nothing else happens to them.
set -f
command_line=$(cat /proc/cmdline)

# The kernel takes 2,048 bytes with the one that ends them, and no more. What is left of a word that was cut off may read well: a
# quarter of all cuts leaves base64 that is whole, and controller+worker may become controller.
case " $command_line" in
  *" k0s."*)
    if [ ${#command_line} -ge 2047 ]; then
      echo "The kernel's command line is as long as can be, and was cut off: k0s is not installed." >&2
      exit 1
    fi
    ;;
esac

role=$(setting role)
if [ -z "$role" ] && [ -e /etc/k0s/role ]; then role=$(cat /etc/k0s/role); fi
if [ -z "$role" ]; then
  echo "Neither the kernel's command line (k0s.role=) nor /etc/k0s/role names a role: k0s is not installed."
  exit 0
fi

token=$(setting token)
if [ -n "$token" ]; then echo "$token" | write_secret /etc/k0s/token; fi
config=$(setting config)
if [ -n "$config" ]; then
  # Half a configuration must not become one.
  text=$(echo "$config" | base64 -d) || {
    echo "k0s.config= on the kernel's command line is no base64, or was cut off: k0s is not installed." >&2
    exit 1
  }
  printf '%s\n' "$text" | write_secret /etc/k0s/k0s.yaml
fi

case $role in
  controller) set -- controller ;;
  controller+worker) set -- controller --enable-worker ;;
  single) set -- controller --single ;;
  worker) set -- worker ;;
  *)
    echo "k0s has no role $role: it is controller, controller+worker, single or worker." >&2
    exit 1
    ;;
esac
if [ "$1" = controller ] && [ -e /etc/k0s/k0s.yaml ]; then set -- "$@" --config /etc/k0s/k0s.yaml; fi
if [ -e /etc/k0s/token ]; then
  # cloud-init writes files that everybody can read, if it is not told otherwise.
  chmod 600 /etc/k0s/token
  set -- "$@" --token-file /etc/k0s/token
fi

k0s install "$@"
mkdir -p /var/lib/k0s-first-boot
touch /var/lib/k0s-first-boot/done
# The boot goes on meanwhile.
systemctl start --no-block "k0s$1.service"
