// The Go packages that entry points share have tests of their own, in Go; and a change of them is a change of each component.

import { expect, test } from "bun:test";
import { hostPlatform } from "../platform.ts";
import { runCommand } from "../run-command.ts";
import { readInputs } from "./build-component.ts";
import { goEnvironment } from "./go-build.ts";
import { loadCatalog, sharedDir } from "./read-catalog.ts";

test("their tests pass", async () => {
  const output = await runCommand(["go", "test", "./..."], {
    what: "testing the shared Go packages",
    cwd: sharedDir(),
    env: goEnvironment(hostPlatform()),
  });
  expect(output).toMatch(/^ok\s+k0s\/components\/shared\/idlegc/m);
}, 60_000);

test("they are inputs of what imports them, without their tests", async () => {
  for (const component of await loadCatalog()) {
    const shared = [...(await readInputs(component)).keys()].filter((path) => path.startsWith("shared/"));
    const expected = (component.shared ?? []).flatMap((name) =>
      ["idlegc.go", "mode.go", "pages_linux.go", "pages_other.go", "setting.go"].map(
        (file) => `shared/${name}/${file}`,
      ),
    );
    expect(shared, component.name).toEqual(expected);
  }
});
