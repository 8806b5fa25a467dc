// Bun carries ICU's data for every language, 12 MB that hardly compress, and k0s speaks English. What it does not need is
// taken out of the table of contents and filled with zeros: ICU then does what it does for a language that it does not
// know, it takes the root's rules. The layout is that of ICU's own "common data" (CmnD, format 1).

const magic = Buffer.from("CmnD");
/** From the start of ICU's header to the magic. */
const magicOffset = 12;
const entryBytes = 8;
/** `de`, `zh_Hans_CN`, but neither `en_GB` nor what all languages share: `root`, `res_index`, `zoneinfo64`. */
const otherLanguage = /^(?!en(_|$)|res_index$)[a-z]{2,3}(_\w+)?$/;

interface Item {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly entry: Buffer;
}

/** Changes the bytes of an executable in place; returns how many of them are zeros now. */
export function removeLanguages(executable: Buffer): number {
  const at = executable.indexOf(magic);
  if (at < magicOffset || executable.indexOf(magic, at + magic.length) !== -1)
    throw new Error("the executable has not exactly one table of ICU's data");
  const header = at - magicOffset;
  const table = header + executable.readUInt16LE(header);
  const items = readItems(executable, table);
  const kept = items.filter(({ name }) => isNeeded(name));
  let removed = 0;
  for (const { name, start, end } of items) {
    if (isNeeded(name)) continue;
    executable.fill(0, start, end);
    removed += end - start;
  }
  executable.writeUInt32LE(kept.length, table);
  // The names stay where they are, the entries point to them.
  const entries = Buffer.concat(kept.map(({ entry }) => entry));
  executable.set(entries, table + 4);
  executable.fill(0, table + 4 + entries.length, table + 4 + items.length * entryBytes);
  return removed;
}

export function isNeeded(path: string): boolean {
  const file = path.slice(path.lastIndexOf("/") + 1);
  // Dictionaries find words where nobody writes spaces between them.
  if (file.endsWith(".dict")) return false;
  return !file.endsWith(".res") || !otherLanguage.test(file.slice(0, -".res".length));
}

/** In the order of the table, which is that of the names and of the data. */
function readItems(executable: Buffer, table: number): Item[] {
  const count = executable.readUInt32LE(table);
  const entries = Array.from({ length: count }, (_, index) => {
    const at = table + 4 + index * entryBytes;
    return Buffer.from(executable.subarray(at, at + entryBytes));
  });
  return entries.map((entry, index) => {
    const name = table + entry.readUInt32LE(0);
    const start = table + entry.readUInt32LE(4);
    const next = entries[index + 1]?.readUInt32LE(4);
    // Where the last one ends is not written down: nothing of it is removed.
    const end = next === undefined ? start : table + next;
    if (end < start || end > executable.length)
      throw new Error("ICU's items are not in the order of their data");
    return { name: executable.toString("latin1", name, executable.indexOf(0, name)), start, end, entry };
  });
}
