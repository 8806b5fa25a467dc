// The file that users hold.

import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Scenario } from "../row.ts";

export const fileSize: Scenario = {
  name: "file",
  rows: [
    { id: "file-size", what: "the file, with every image", unit: "MB", budget: 200, command: "make build" },
  ],
  run: async (_wanted, report) => {
    const { size } = await stat(join(import.meta.dir, "../../dist/k0s"));
    report("file-size", size / 1e6);
  },
};
