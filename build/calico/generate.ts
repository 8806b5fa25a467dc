// Makes src/components/network/calico/crds.json.txt from the Calico module that upstream/calico pins. The result is checked in; run
// `bun build/calico/generate.ts` after changing the version. JSON, because parsing 270 kB of YAML takes a tenth of a second.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { parseYaml } from "../../src/std/yaml.ts";
import { repoRoot } from "../cache-root.ts";
import { runCommand } from "../run-command.ts";

const crdSchema = z.looseObject({ metadata: z.looseObject({ name: z.string() }) });

const find = ["go", "list", "-m", "-f", "{{.Dir}}", "github.com/projectcalico/calico"] as const;
const cwd = join(repoRoot, "upstream/calico");
const module = (await runCommand([...find], { what: "looking for Calico's sources", cwd })).trim();
const dir = join(module, "libcalico-go/config/crd");
const files = (await readdir(dir)).filter((name) => name.endsWith(".yaml")).sort();
const lines: string[] = [];
for (const file of files) {
  const { status: _, ...crd } = crdSchema.parse(
    parseYaml(await readFile(join(dir, file), "utf8"), { source: file }),
  );
  lines.push(JSON.stringify(crd));
}
await writeFile(
  join(repoRoot, "src/components/network/calico/crds.json.txt"),
  `[\n${lines.join(",\n")}\n]\n`,
);
