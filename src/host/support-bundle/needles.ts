// Many strings looked for in one pass over a text, however many they are.

export interface Needle {
  readonly text: string;
  /** Found inside of base64: all of the base64 around it goes, which begins and ends with what is not its own. */
  readonly inBase64: boolean;
}

export interface Found {
  readonly from: number;
  readonly to: number;
}

export interface Needles {
  /** The longest one that begins at this place, without those inside of base64, and whether one of these does. */
  at(text: string, place: number): { readonly length: number; readonly inBase64: boolean } | undefined;
}

/** Needles are told apart by so many characters, which each of them must have. */
export const shortestNeedle = 4;

interface Group {
  /** By their lengths, the longest first. */
  readonly byLength: Map<number, Map<string, boolean>>;
  lengths: readonly number[];
}

const bits = 20;

/** To be added to while it is not in use. */
export function needleSet(): Needles & { add(needle: Needle): void } {
  // A place whose four characters begin no needle is passed by without making a string of them.
  const begins = new Uint8Array(1 << bits);
  const groups = new Map<string, Group>();
  return {
    add: ({ text, inBase64 }) => {
      if (text.length < shortestNeedle) return;
      begins[hashAt(text, 0)] = 1;
      const start = text.slice(0, shortestNeedle);
      const group = groups.get(start) ?? { byLength: new Map<number, Map<string, boolean>>(), lengths: [] };
      groups.set(start, group);
      const same = group.byLength.get(text.length) ?? new Map<string, boolean>();
      same.set(text, inBase64 || same.get(text) === true);
      if (!group.byLength.has(text.length)) {
        group.byLength.set(text.length, same);
        group.lengths = [...group.byLength.keys()].toSorted((a, b) => b - a);
      }
    },
    at: (text, place) => {
      if (begins[hashAt(text, place)] !== 1) return undefined;
      const group = groups.get(text.slice(place, place + shortestNeedle));
      for (const length of group?.lengths ?? []) {
        const inBase64 = group?.byLength.get(length)?.get(text.slice(place, place + length));
        if (inBase64 !== undefined) return { length, inBase64 };
      }
      return undefined;
    },
  };
}

function hashAt(text: string, place: number): number {
  let hash = 0;
  for (let at = place; at < place + shortestNeedle; at += 1)
    hash = Math.imul(hash, 31) + (text.charCodeAt(at) || 0) * 7;
  return (hash ^ (hash >>> 11)) & ((1 << bits) - 1);
}

/** All that is found, in order, without overlaps. `pause` is called now and then. */
export async function findNeedles(
  needles: Needles,
  text: string,
  pause: () => Promise<void>,
): Promise<readonly Found[]> {
  const found: Found[] = [];
  let base64End = 0;
  for (let place = 0; place + shortestNeedle <= text.length; place += 1) {
    if (place % stretch === stretch - 1) await pause();
    const match = needles.at(text, place);
    if (match === undefined) continue;
    let from = place;
    let to = place + match.length;
    if (match.inBase64 && to > base64End) {
      while (from > base64End && isBase64(text.charCodeAt(from - 1))) from -= 1;
      while (to < text.length && isBase64(text.charCodeAt(to))) to += 1;
      base64End = to;
    }
    for (let last = found.at(-1); last !== undefined && last.to >= from; last = found.at(-1)) {
      from = Math.min(last.from, from);
      to = Math.max(last.to, to);
      found.pop();
    }
    found.push({ from, to });
  }
  return found;
}

const stretch = 1 << 16;

function isBase64(code: number): boolean {
  return (
    (code >= 48 && code <= 57) ||
    (code >= 65 && code <= 90) ||
    (code >= 97 && code <= 122) ||
    code === 43 ||
    code === 45 ||
    code === 47 ||
    code === 61 ||
    code === 95
  );
}
