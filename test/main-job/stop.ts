// `make stop`: ends what `make run` started.

import { deleteSandbox, sandboxName } from "./sandbox.ts";

if (!(await deleteSandbox())) console.error(`There is no sandbox "${sandboxName}": nothing to end.`);
