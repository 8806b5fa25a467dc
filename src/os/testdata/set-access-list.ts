// Gives a file a POSIX access list without the tool for it, which few hosts have.

import { dlopen, ptr } from "bun:ffi";

/** Tag (1 owner, 2 user, 4 owning group, 8 group, 16 mask, 32 others), permissions, and the id of a named one. In order of tags. */
export type ListEntry = readonly [tag: number, bits: number, id?: number];

export function setAccessList(path: string, entries: readonly ListEntry[]): void {
  const library = dlopen("libc.so.6", {
    setxattr: { args: ["ptr", "ptr", "ptr", "u64", "i32"], returns: "i32" },
  });
  const value = Buffer.alloc(4 + 8 * entries.length);
  value.writeUInt32LE(2);
  entries.forEach(([tag, bits, id = 0xffff_ffff], i) => {
    value.writeUInt16LE(tag, 4 + 8 * i);
    value.writeUInt16LE(bits, 6 + 8 * i);
    value.writeUInt32LE(id, 8 + 8 * i);
  });
  const [file, name] = [Buffer.from(`${path}\0`), Buffer.from("system.posix_acl_access\0")];
  const result = library.symbols.setxattr(ptr(file), ptr(name), ptr(value), value.length, 0);
  library.close();
  if (result !== 0) throw new Error(`${path} takes no access list`);
}
