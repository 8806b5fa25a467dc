#!/bin/sh
# Downloads k0s, verifies it, and puts it into place; nothing else on the host changes. Needs curl or wget, and OpenSSL or
# cosign where there is a key to verify with.
#
#   K0S_VERSION        version to install, or "stable" or "latest" (default: the release that this script is part of)
#   K0S_INSTALL_PATH   directory that k0s is put into (default: /usr/local/bin)
#   K0S_DOWNLOAD_URL   where releases are: the folder of a version is below it
#   K0S_PUBLIC_KEY     file with the key that the release has to be signed by, or "none" not to look at signatures
#                      (default: the key of the release that this script is part of)
#   K0S_ARCH           architecture (default: that of this host)
#   DEBUG              show each step

set -eu

# `make release` fills these in.
release_version=''
release_url=''
release_key=''

# Seconds without a byte from the server, after which it is asked again, or given up.
silence=60

say() { echo "$*" >&2; }

refuse() {
  say "Error: $1"
  if [ $# -gt 1 ]; then say "$2"; fi
  exit 1
}

has() { command -v "$1" >/dev/null; }

detect_arch() {
  case "$(uname -m)" in
    x86_64 | amd64) echo amd64 ;;
    aarch64 | arm64) echo arm64 ;;
    armv7l | armv8l | arm) echo arm ;;
    riscv64) echo riscv64 ;;
    *) refuse "there is no k0s for processors of the kind $(uname -m)" ;;
  esac
}

# A plus in a path is a blank to some servers.
in_url() { printf '%s' "$1" | sed 's/+/%2B/g'; }

# In the background, since a shell sees to signals only between programs; one in the background ignores Ctrl-C.
child=''
attended() {
  "$@" &
  child=$!
  status=0
  wait "$child" || status=$?
  child=''
  return "$status"
}

download() {
  if has curl; then
    progress=--silent
    if [ -t 2 ] && [ "${3-}" = large ]; then progress=--progress-bar; fi
    attended curl --fail --location --show-error "$progress" --retry 3 --connect-timeout 30 \
      --speed-limit 1 --speed-time "$silence" --output "$2" "$1"
  elif has wget; then
    case "$(wget --help 2>&1)" in
      # Debian 12's crashes with -T; it gives up after 15 minutes of silence by itself.
      *BusyBox*) attended wget -q -O "$2" "$1" ;;
      *) attended wget --no-verbose --tries 3 --timeout "$silence" -O "$2" "$1" ;;
    esac
  else
    refuse "neither curl nor wget is installed"
  fi
}

# Of a small file; what it is for is in the error.
fetch() {
  download "$1" "$2" || refuse "could not download $1" "Nothing was changed. K0S_DOWNLOAD_URL and K0S_VERSION say what is asked for."
}

checksum() {
  if has sha256sum; then
    sha256sum <"$1"
  elif has openssl; then
    openssl dgst -sha256 -r <"$1"
  else
    refuse "neither sha256sum nor openssl is installed, so the download cannot be verified"
  fi
}

# The sum that the list has for a name: exactly one.
listed_sum() {
  found=''
  while read -r sum name; do
    [ "${name#\*}" = "$2" ] || continue
    [ -z "$found" ] || refuse "$1 names $2 twice"
    found=$sum
  done <"$1"
  echo "$found"
}

verify_signature() {
  if has openssl; then
    openssl base64 -d -A -in "$2" -out "$work/signature" &&
      openssl dgst -sha256 -verify "$3" -signature "$work/signature" "$1" >/dev/null
  elif has cosign; then
    cosign verify-blob --key "$3" --signature "$2" --insecure-ignore-tlog=true "$1"
  else
    refuse "neither openssl nor cosign is installed, so the signature cannot be verified" \
      "Install one of them; K0S_PUBLIC_KEY=none installs by the checksum alone."
  fi
}

work=''
runtime=''
# What is sent once more must not interrupt it.
clean_up() {
  trap '' HUP INT TERM
  if [ -n "$child" ]; then
    kill "$child" || :
    wait "$child" || :
  fi
  if [ -n "$work" ]; then rm -rf -- "$work"; fi
  if [ -n "$runtime" ]; then rm -rf -- "$runtime"; fi
}

interrupted() {
  trap '' HUP INT TERM
  say "Interrupted; nothing was changed."
  exit "$1"
}

# When a process was started, in ticks; nothing if there is none. proc(5): the 22nd field, and the second may have blanks.
start_of() {
  [ -r "/proc/$1/stat" ] && read -r line <"/proc/$1/stat" || return 0
  set -- ${line##*) }
  echo "${20}"
}

# A run names its directory by its process and when that was started: numbers of processes come again.
is_left() {
  owner=${1##*/.k0s-install.}
  start=${owner#*.}
  start=${start%%.*}
  owner=${owner%%.*}
  [ -z "$start" ] || [ "$(start_of "$owner")" != "$start" ]
}

# In the directory itself, so that the last step is a rename. What a killed run has left there goes.
make_work() {
  for left in "$1"/.k0s-install.*; do
    if [ -d "$left" ] && is_left "$left"; then rm -rf -- "$left" || say "$left stays."; fi
  done
  work=$(mktemp -d "$1/.k0s-install.$$.$(start_of $$).XXXXXX") ||
    refuse "cannot write to $1" "Run it as root, or name another directory in K0S_INSTALL_PATH."
}

released_version() {
  case "$1" in
    '') refuse "which version?" "Set K0S_VERSION, for example to v1.37.2+k0s.0." ;;
    stable | latest)
      fetch "$2/$1.txt" "$work/version"
      read -r version <"$work/version" || :
      ;;
    v*) version=$1 ;;
    *) version=v$1 ;;
  esac
  case "$version" in
    v[0-9]*) ;;
    *) refuse "$version is not a version of k0s" ;;
  esac
  case "$version" in
    *[!a-z0-9.+-]*) refuse "$version is not a version of k0s" ;;
  esac
}

public_key() {
  case "${K0S_PUBLIC_KEY-}" in
    none) ;;
    '') if [ -n "$release_key" ]; then printf '%s\n' "$release_key" >"$work/key"; fi ;;
    *) cat -- "$K0S_PUBLIC_KEY" >"$work/key" || refuse "cannot read the key $K0S_PUBLIC_KEY" ;;
  esac
}

verify_sums() {
  if [ -f "$work/key" ]; then
    fetch "$1/sha256sums.txt.sig" "$work/sums.sig"
    verify_signature "$work/sums" "$work/sums.sig" "$work/key" ||
      refuse "the checksums of $version are not signed by the key" "Nothing was changed. Do not use what is there before you know why."
  else
    say "No key is given: k0s is verified by its checksum alone."
  fi
}

# That it runs on this host, and is the version that was asked for, is known before anything is replaced. It unpacks itself
# only where programs may run and nobody else may write, which the directory that it is installed to need not be.
try_out() {
  chmod 755 "$1"
  if [ "$arch" != "$(detect_arch)" ]; then return; fi
  printed=''
  for place in "$work" /tmp /run "${HOME:-/root}"; do
    runtime=$(mktemp -d "$place/.k0s-install.XXXXXX" 2>>"$work/said") || continue
    if printed=$(K0S_RUNTIME_ROOT=$runtime "$1" version 2>>"$work/said"); then break; fi
    printed=''
    rm -rf -- "$runtime"
  done
  if [ -z "$printed" ]; then
    cat "$work/said" >&2
    refuse "the new k0s does not run on this host" "Nothing was changed."
  fi
  [ "$printed" = "$version" ] || refuse "the file says that it is $printed, not $version" "Nothing was changed."
}

main() {
  if [ -n "${DEBUG-}" ]; then set -x; fi
  [ "$(uname -s)" = Linux ] || refuse "k0s runs on Linux, not on $(uname -s)"
  arch=${K0S_ARCH:-$(detect_arch)}
  url=${K0S_DOWNLOAD_URL:-$release_url}
  url=${url%/}
  [ -n "$url" ] || refuse "where are the releases?" "Set K0S_DOWNLOAD_URL."
  dir=${K0S_INSTALL_PATH:-/usr/local/bin}

  trap clean_up EXIT
  trap 'interrupted 129' HUP
  trap 'interrupted 130' INT
  trap 'interrupted 143' TERM
  mkdir -p -- "$dir" || refuse "cannot make $dir" "Run it as root, or name another directory in K0S_INSTALL_PATH."
  # Also of a relative one.
  dir=$(CDPATH='' cd -- "$dir" && pwd) || refuse "cannot enter $dir"
  target=$dir/k0s
  [ ! -d "$target" ] || refuse "$target is a directory"
  make_work "$dir"
  released_version "${K0S_VERSION:-$release_version}" "$url"
  public_key
  from=$url/$(in_url "$version")
  name=k0s-$version-$arch

  fetch "$from/sha256sums.txt" "$work/sums"
  verify_sums "$from"
  wanted=$(listed_sum "$work/sums" "$name")
  [ -n "$wanted" ] || refuse "the release $version has no file $name"
  if [ -f "$target" ]; then
    current=$(checksum "$target")
    if [ "${current%% *}" = "$wanted" ]; then
      say "$target is k0s $version already."
      return
    fi
  fi

  say "Downloading k0s $version for linux/$arch from $from"
  download "$from/$(in_url "$name")" "$work/k0s" large ||
    refuse "could not download $name whole" "Nothing was changed. In $dir there are $(df -Pk "$dir" | awk 'NR > 1 { print int($4 / 1024) }') MiB free."
  got=$(checksum "$work/k0s")
  [ "${got%% *}" = "$wanted" ] ||
    refuse "the checksum of the download is ${got%% *}, not $wanted" "Nothing was changed. It was cut off or altered on the way."
  try_out "$work/k0s"
  # What has the name must have its content, also after a power cut.
  sync
  mv -f -- "$work/k0s" "$target"
  say "k0s $version is $target. A k0s that runs goes on as it is until it is started again."
}

# Last, so that a script that was cut off does nothing. The script itself may be what standard input is.
main </dev/null
