import { expect, test } from "bun:test";
import { assertFree } from "./run.ts";

test("an output without a directory is refused before the work, with the command that makes it", async () => {
  const refused: unknown = await assertFree("/srv/no dir/w.tar.gz").catch((err: unknown) => err);
  expect(refused).toMatchObject({
    name: "UserError",
    message: "the directory of --output (/srv/no dir) does not exist",
    hint: expect.stringContaining("mkdir -p '/srv/no dir'"),
  });
});
