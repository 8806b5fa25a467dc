#!/bin/sh
# The first program of the container image of k0s: prepares what a node needs in a container, and becomes its command.
# Variables as upstream's image has them. Upstream: docker-entrypoint.sh.

set -eu

usage() {
  cat <<EOF
Usage: $0 COMMAND [ARGUMENTS]

Prepares the container and runs the command, by default: k0s controller --enable-worker

  K0S_CONFIG                              content for /etc/k0s/config.yaml; name that file with --config
  K0S_ENTRYPOINT_ROLE                     worker, controller or controller+worker (default: what the command says);
                                          the three below are for nodes with pods, and off for a controller
  K0S_ENTRYPOINT_REMOUNT_CGROUP2FS        make /sys/fs/cgroup writable: 1, 0 or auto
  K0S_ENTRYPOINT_ENABLE_CGROUPV2_NESTING  hand all cgroup controllers down to pods: 1, 0 or auto
  K0S_ENTRYPOINT_DNS_FIXUP                make Docker's own name server reachable for pods: 1, 0 or auto
  K0S_ENTRYPOINT_QUIET                    1: say nothing
EOF
}

cgroups=/sys/fs/cgroup
docker_dns=127.0.0.11

say() { [ "${K0S_ENTRYPOINT_QUIET-}" = 1 ] || echo "$0: $*" >&2; }

# By the number that capabilities(7) gives it.
has_capability() {
  while read -r key value; do
    if [ "$key" = CapEff: ]; then
      [ $(((0x$value >> $1) & 1)) = 1 ]
      return
    fi
  done </proc/self/status
  return 1
}
net_admin=12
sys_admin=21

is_cgroup2() { [ "$(stat -f -c %t $cgroups)" = 63677270 ]; }

is_writable() {
  while read -r _ place _ options _; do
    [ "$place" = $cgroups ] || continue
    case ",$options," in *,rw,*) return 0 ;; *) return 1 ;; esac
  done </proc/mounts
  return 1
}

remount_cgroups() {
  case "$1" in
    0) return ;;
    1) ;;
    *)
      if ! is_cgroup2 || is_writable; then return; fi
      if ! has_capability $sys_admin; then
        say "$cgroups stays read-only, since CAP_SYS_ADMIN is missing"
        return
      fi
      ;;
  esac
  # The host is not to see it.
  mount --make-rslave /
  mount -o remount,rw $cgroups
  say "$cgroups is writable now"
}

hand_down_controllers() {
  [ "$1" != 0 ] || return 0
  if [ "$1" != 1 ] && ! is_cgroup2; then return; fi
  read -r all <$cgroups/cgroup.controllers || return 0
  read -r down <$cgroups/cgroup.subtree_control || down=''
  [ "$all" != "$down" ] || return 0
  if [ "$1" != 1 ] && ! is_writable; then
    say "pods get no cgroup controllers, since $cgroups is read-only"
    return
  fi
  # A group that has processes hands nothing down. Only in a namespace of our own is the top one ours to empty.
  if grep -q '^0::/$' /proc/self/cgroup && [ -e $cgroups/cgroup.type ]; then
    mkdir -p $cgroups/entrypoint.scope
    while read -r pid; do
      echo "$pid" >$cgroups/entrypoint.scope/cgroup.procs || [ ! -d "/proc/$pid" ]
    done <$cgroups/cgroup.procs
  fi
  for controller in $all; do
    echo "+$controller" >$cgroups/cgroup.subtree_control || say "pods do not get the cgroup controller $controller"
  done
  say "pods have the cgroup controllers $all"
}

# Where the container's host is, as seen from here: what Docker calls it, or the gateway.
host_address() {
  found=$(awk '$2 == "host.docker.internal" && $1 ~ /^[0-9.]+$/ && $1 !~ /^127\./ { print $1; exit }' /etc/hosts)
  [ -n "$found" ] || found=$(ip -4 route show default | awk '{ print $3; exit }')
  echo "$found"
}

# Docker redirects what the container itself sends to its name server. The same rules, under an address that pods can send
# to as well, and for what they send.
rules_for_pods() {
  awk -v dns=$docker_dns -v host="$1" '
    function replaced(text, from, to,   at, done) {
      done = ""
      while (at = index(text, from)) {
        done = done substr(text, 1, at - 1) to
        text = substr(text, at + length(from))
      }
      return done text
    }
    {
      rule = replaced($0, "-d " dns, "-d " host)
      rule = replaced(rule, "--to-source :53", "--to-source " host ":53")
      # Some versions of iptables leave the port out when they print such a rule.
      if (rule ~ /-j DNAT/ && index(rule, "--to-destination " dns) && rule !~ /--dport/)
        rule = replaced(rule, " -j DNAT", " --dport 53 -j DNAT")
      print rule
      if (rule ~ /^-A OUTPUT .*-j DOCKER_OUTPUT/) {
        sub(/^-A OUTPUT/, "-A PREROUTING", rule)
        print rule
      }
    }'
}

open_docker_dns() {
  case "$1" in
    0) return ;;
    1) ;;
    *)
      grep -qs "^nameserver $docker_dns" /etc/resolv.conf || return 0
      if ! has_capability $net_admin; then
        say "pods do not reach Docker's name server, since CAP_NET_ADMIN is missing"
        return
      fi
      ;;
  esac
  host=$(host_address)
  if [ -z "$host" ]; then
    say "pods do not reach Docker's name server, since the container has no route to its host"
    return
  fi
  for kind in nft legacy; do
    # Tables of the older kind, where the kernel has them.
    if [ $kind = legacy ] && [ ! -e /proc/net/ip_tables_names ]; then continue; fi
    rules=$("iptables-$kind-save" -t nat)
    case "$rules" in
      *DOCKER_OUTPUT*) echo "$rules" | rules_for_pods "$host" | "iptables-$kind-restore" ;;
    esac
  done
  # In place: Docker has mounted the file here.
  fixed=$(sed "s/^nameserver $docker_dns\$/nameserver $host/" /etc/resolv.conf)
  echo "$fixed" >/etc/resolv.conf
  say "pods reach Docker's name server as $host"
}

# What a flag without a value, or with one, says: 1, 0, or nothing if it is no such flag. The values are those of Go.
switched() {
  case "$2" in
    "$1" | "$1"=1 | "$1"=[tT] | "$1"=true | "$1"=True | "$1"=TRUE) echo 1 ;;
    "$1"=0 | "$1"=[fF] | "$1"=false | "$1"=False | "$1"=FALSE) echo 0 ;;
  esac
}

# What the command line makes of the container: worker, controller, controller+worker, or nothing. Flags may stand before
# the command, the last one of a kind counts.
role_of() {
  case "${K0S_ENTRYPOINT_ROLE-}" in
    '') ;;
    worker | controller | controller+worker)
      echo "$K0S_ENTRYPOINT_ROLE"
      return
      ;;
    *)
      echo "$0: K0S_ENTRYPOINT_ROLE is $K0S_ENTRYPOINT_ROLE, which is not worker, controller or controller+worker" >&2
      return 1
      ;;
  esac
  case "${1-}" in k0s | */k0s) shift ;; *) return ;; esac
  role='' single=0 worker=0 before=''
  for argument in "$@"; do
    case "$argument" in
      --) break ;;
      --single | --single=*)
        value=$(switched --single "$argument")
        single=${value:-$single}
        ;;
      --enable-worker | --enable-worker=*)
        value=$(switched --enable-worker "$argument")
        worker=${value:-$worker}
        ;;
      -*) ;;
      worker) role=${role:-worker} ;;
      controller | server) role=${role:-controller} ;;
      *)
        # Another command, unless it is the value of a flag.
        if [ -z "$role" ]; then
          case "$before" in
            *=* | -d | --debug | -v | --verbose | --single | --enable-worker) return ;;
            -*) ;;
            *) return ;;
          esac
        fi
        ;;
    esac
    before=$argument
  done
  if [ "$role" = controller ] && [ "$single$worker" != 00 ]; then role='controller+worker'; fi
  echo "$role"
}

main() {
  role=$(role_of "$@")
  case "$role" in
    worker | controller+worker) default=auto ;;
    *) default=0 ;;
  esac
  remount_cgroups "${K0S_ENTRYPOINT_REMOUNT_CGROUP2FS:-$default}"
  hand_down_controllers "${K0S_ENTRYPOINT_ENABLE_CGROUPV2_NESTING:-$default}"
  open_docker_dns "${K0S_ENTRYPOINT_DNS_FIXUP:-$default}"
  if [ -n "${K0S_CONFIG-}" ]; then
    mkdir -p /etc/k0s
    # It may have passwords.
    (umask 077 && printf '%s' "$K0S_CONFIG" >/etc/k0s/config.yaml)
  fi
  say "running ${1-}"
  unset K0S_CONFIG K0S_ENTRYPOINT_ROLE K0S_ENTRYPOINT_REMOUNT_CGROUP2FS K0S_ENTRYPOINT_ENABLE_CGROUPV2_NESTING \
    K0S_ENTRYPOINT_DNS_FIXUP K0S_ENTRYPOINT_QUIET
  exec "$@"
}

case "${1-}" in
  help | -h | --help) usage ;;
  '') usage >&2 && exit 1 ;;
  *) main "$@" ;;
esac
