// The names that busybox answers to in an image with a shell.

import type { LayerEntry } from "../../build/images/recipe.ts";

/** Written out, because busybox of another architecture cannot be asked. */
const applets =
  "[ ash awk base64 basename cat chgrp chmod chown cp cut date dd df dirname du echo env expr false find free grep gunzip gzip head hostname id ip kill killall less ln ls md5sum mkdir mkfifo mktemp more mount mv nc nslookup od paste pidof ping ps pwd readlink rm rmdir sed seq sh sha256sum sleep sort stat sync tail tar tee test time timeout touch tr true umount uname uniq vi wc wget which xargs yes";

export const busyboxLinks: readonly LayerEntry[] = applets
  .split(" ")
  .map((name) => ({ kind: "symlink" as const, path: `/bin/${name}`, target: "busybox" }));
