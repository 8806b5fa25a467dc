// The file that users hold.

import { stat } from "node:fs/promises";
import { builtFile } from "../../test/harness/test-machine.ts";
import type { Scenario } from "../row.ts";

export const fileSize: Scenario = {
  name: "file",
  minutes: 0,
  rows: [
    { id: "file-size", what: "the file, with every image", unit: "MB", budget: 180, command: "make release" },
  ],
  run: async ({ report, variant }) => {
    const { size } = await stat(variant.k0s ?? builtFile);
    report("file-size", size / 1e6);
  },
};
