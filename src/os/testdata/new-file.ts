// Writes a large file, and says when it begins: `new-file.ts PATH`.

import { writeNewFile } from "../new-file.ts";

const data = Buffer.alloc(64 << 20, "x");
process.stdout.write("begins\n");
await writeNewFile(process.argv[2] ?? "", data);
