#!/bin/sh
# Stands for k0s' helper where the calls for the targets named in $STUCK never return: `slow-unmount.sh __unmount [--force] -- TARGET...`
[ -z "$CALLS" ] || echo "$*" >>"$CALLS"
echo '{}'
force=
for word in "$@"; do
  case "$word" in
    __unmount | --) ;;
    --force) force=1 ;;
    *)
      if [ -n "$WRITES_BACK" ] && [ "$word" = "$STUCK" ]; then
        umount "$word" && sleep 6 && echo >"$WRITES_BACK"
        exit
      fi
      if [ -z "$force" ] || [ -n "$HOPELESS" ]; then
        case " $STUCK " in *" $word "*) exec sleep 60 ;; esac
      fi
      umount "$word" && echo '{}' || echo '{"problem":"refused"}'
      ;;
  esac
done
