// `make stop`: ends what `make run` started.

import { deleteSandbox } from "./sandbox.ts";

process.exit(deleteSandbox("inherit"));
