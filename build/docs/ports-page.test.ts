import { expect, test } from "bun:test";
import { join } from "node:path";
import { controllerRole } from "../../src/roles/controller.ts";
import { workerRole } from "../../src/roles/worker.ts";
import { documentedControllerPorts, listenText, portsPage } from "./ports-page.ts";

const docs = join(import.meta.dir, "../../docs");

test("docs/ports.md is what the components declare", async () => {
  const file = Bun.file(join(docs, "ports.md"));
  const page = portsPage();
  if (process.env["UPDATE_GOLDEN"] !== undefined) await Bun.write(file, page);
  expect(page).toBe(await file.text());
});

test("one component more is one line more", () => {
  const more = { name: "dummy", ports: () => [{ port: 1 }] };
  const page = portsPage({ controller: [...controllerRole, more], worker: workerRole });
  expect(page).toContain("| dummy | *:1 |");
});

test("the table of docs/isolation.md has the same ports, users and groups", async () => {
  const text = await Bun.file(join(docs, "isolation.md")).text();
  const rows = text
    .slice(text.indexOf("| process | user |"))
    .split("\n\n", 1)[0]!
    .split("\n")
    .slice(2)
    .map((row) => row.split("|").map((cell) => cell.trim()));
  const listed = rows.flatMap(([, name = "", , , , listens = ""]) =>
    listens
      .split(", ")
      .filter((where) => !where.startsWith("unix:"))
      .map((where) => `${name} ${where}`),
  );
  // The join API is in k0s' own process.
  const declared = documentedControllerPorts().map(
    (port) => `${port.process.replace("k0s-control-api", "k0s")} ${listenText(port)}`,
  );
  expect(listed.toSorted()).toEqual(declared.toSorted());
  const identities = rows.flatMap(([, name = "", user = "", group = ""]) =>
    user === "root" ? [] : [`${name} ${user} ${group}`],
  );
  // The table is that of the defaults; kine is below it.
  const wanted = controllerRole.flatMap(({ name, user, group = "own" }) =>
    user === undefined || name === "kine" ? [] : [`${name} ${user} ${group}`],
  );
  expect(identities.toSorted()).toEqual(wanted.toSorted());
});
