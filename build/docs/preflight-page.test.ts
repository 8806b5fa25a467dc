import { expect, test } from "bun:test";
import { join } from "node:path";
import { preflightPage } from "./preflight-page.ts";

test("docs/preflight.md is what the checks find", async () => {
  const file = Bun.file(join(import.meta.dir, "../../docs/preflight.md"));
  const page = preflightPage();
  if (process.env["UPDATE_GOLDEN"] !== undefined) await Bun.write(file, page);
  expect(page).toBe(await file.text());
});
