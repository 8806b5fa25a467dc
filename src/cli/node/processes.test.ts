// Every argument of every process, against files that a reader can diff: `<case>.args` and the like in testdata/ of each
// component. The cases are those of testdata/process-cases.ts. A case without a file has what the plain node has that it is
// like, else what `controller-worker` has; which processes it has at all says src/node/testdata/processes.txt. UPDATE_GOLDEN=1
// writes the files again and removes those left over.

import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { Glob } from "bun";
import { expectGoldenText, updatesGolden } from "../../components/testdata/golden-file.ts";
import { removeFile } from "../../os/removal.ts";
import { assertStartable } from "../../supervisor/dependencies.ts";
import { allCases, allNodes } from "./testdata/all-nodes.ts";
import { nodeFiles } from "./testdata/process-files.ts";

const root = join(import.meta.dir, "../../..");
const nodes = await allNodes();
/** By case, then by `<folder>/testdata/*.<kind>`. */
const texts = new Map(
  [...nodes].map(([name, node]) => [
    name,
    new Map(nodeFiles(node).map(([folder, kind, text]) => [`${folder}/testdata/*.${kind}`, text])),
  ]),
);

/** Paths of what differs from the plain node. */
function ownFiles(name: string, like: string): readonly string[] {
  const before = [like, "controller-worker"].filter((plain) => plain !== name);
  return [...(texts.get(name) ?? [])].flatMap(([pattern, text]) => {
    const [same] = before.flatMap((plain) => texts.get(plain)?.get(pattern) ?? []);
    return text === same ? [] : [pattern.replace("*", name)];
  });
}

function filesLike(pattern: string): readonly string[] {
  return [...new Glob(pattern).scanSync(root)];
}

describe("arguments and configuration of every process", () => {
  const made = new Set(allCases().flatMap(([name, { like }]) => ownFiles(name, like)));
  const patterns = new Set([...texts.values()].flatMap((kinds) => [...kinds.keys()]));
  const leftOver = new Set([...patterns].flatMap(filesLike)).difference(made);

  for (const [name, kinds] of texts) {
    test(`${name}: as in testdata`, async () => {
      for (const [pattern, text] of kinds) {
        const path = pattern.replace("*", name);
        // What is like the plain node now, and was not, is shown as well.
        if (made.has(path) || (leftOver.has(path) && !updatesGolden))
          await expectGoldenText(join(root, path), text);
      }
    });
  }

  test("whatever a part waits for is there", () => {
    for (const { components } of nodes.values()) assertStartable(components);
  });

  test("no file is left over", async () => {
    if (updatesGolden) for (const path of leftOver) await removeFile(join(root, path));
    else expect([...leftOver]).toEqual([]);
  });

  test("which processes a case has", async () => {
    const lines = [...nodes].map(([name, { processes }]) => `${name}: ${[...processes.keys()].join(" ")}\n`);
    await expectGoldenText(join(root, "src/node/testdata/processes.txt"), lines.join(""));
  });
});
