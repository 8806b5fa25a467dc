// Prepares the roots of test machines: `bun build/base-root/main.ts`. Prints where they are.

import { ensureBusyboxRoot } from "./busybox-root.ts";
import { ensureDatabaseRoot, ensureDebianRoot, ensureServiceRoot } from "./debian-root.ts";

const debian = await ensureDebianRoot((line) => console.error(line));
console.log(debian);
console.log(await ensureBusyboxRoot(debian));
console.log(await ensureDatabaseRoot((line) => console.error(line)));
console.log(await ensureServiceRoot((line) => console.error(line)));
