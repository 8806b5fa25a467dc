// Where each path of a YAML document stands in its text, so that errors can name line and column.

import { EVENT_ID, getScalarValue, parseEvents, type Event } from "js-yaml";

export type YamlPath = readonly (string | number)[];

export interface YamlPosition {
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

export interface YamlPositions {
  /** Where the value of `path` stands, else that of its nearest ancestor. Keys match whatever their case. */
  value(path: YamlPath): YamlPosition;
  /** Where the key of `path` stands, else the nearest ancestor's. */
  key(path: YamlPath): YamlPosition;
}

interface Offsets {
  readonly key: number;
  readonly value: number;
}

/** Positions within the first document of `text`, which must parse. */
export function yamlPositions(text: string): YamlPositions {
  const offsets = new Map<string, Offsets>();
  collect(text, parseEvents(text, {}), offsets);
  const lines = lineStarts(text);
  const locate = (path: YamlPath, part: keyof Offsets): YamlPosition => {
    for (let length = path.length; length >= 0; length--) {
      const found = offsets.get(pathKey(path.slice(0, length)));
      if (found !== undefined) return positionAt(lines, found[part]);
    }
    return { line: 1, column: 1 };
  };
  return { value: (path) => locate(path, "value"), key: (path) => locate(path, "key") };
}

interface OpenNode {
  readonly kind: "document" | "sequence" | "mapping" | "complex-key";
  readonly path: YamlPath;
  index: number;
  pendingKey: { text: string; offset: number } | undefined;
}

function collect(text: string, events: readonly Event[], offsets: Map<string, Offsets>): void {
  const open: OpenNode[] = [];
  let documents = 0;
  for (const event of events) {
    if (event.type === EVENT_ID.POP) {
      open.pop();
      continue;
    }
    if (event.type === EVENT_ID.DOCUMENT) {
      documents += 1;
      if (documents > 1) return;
      open.push({ kind: "document", path: [], index: 0, pendingKey: undefined });
      continue;
    }
    const parent = open.at(-1);
    if (parent === undefined) continue;
    const path = place(text, parent, event, offsets);
    if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) {
      const kind = event.type === EVENT_ID.MAPPING ? "mapping" : "sequence";
      open.push({
        kind: path === undefined ? "complex-key" : kind,
        path: path ?? [],
        index: 0,
        pendingKey: undefined,
      });
    }
  }
}

/** Records a node; returns its path, or undefined for a key or what lies within a complex key. */
function place(
  text: string,
  parent: OpenNode,
  event: Event,
  offsets: Map<string, Offsets>,
): YamlPath | undefined {
  const offset = offsetOf(event);
  if (parent.kind === "complex-key") return undefined;
  if (parent.kind === "document") {
    offsets.set(pathKey([]), { key: offset ?? 0, value: offset ?? 0 });
    return [];
  }
  if (parent.kind === "sequence") {
    const path = [...parent.path, parent.index];
    parent.index += 1;
    if (offset !== undefined) offsets.set(pathKey(path), { key: offset, value: offset });
    return path;
  }
  if (parent.pendingKey === undefined) {
    const name = event.type === EVENT_ID.SCALAR ? getScalarValue(text, event) : "";
    parent.pendingKey = { text: name, offset: offset ?? 0 };
    return undefined;
  }
  const { text: name, offset: keyOffset } = parent.pendingKey;
  parent.pendingKey = undefined;
  const path = [...parent.path, name];
  offsets.set(pathKey(path), { key: keyOffset, value: offset ?? keyOffset });
  return path;
}

/** Where an event starts in the text; a quoted scalar at its quote, undefined for an empty one. */
export function offsetOf(event: Event): number | undefined {
  if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) return event.start;
  if (event.type === EVENT_ID.ALIAS) return event.anchorStart - 1;
  if (event.type !== EVENT_ID.SCALAR || event.valueStart < 0) return undefined;
  const quoted = event.style === 2 || event.style === 3;
  return quoted ? event.valueStart - 1 : event.valueStart;
}

function pathKey(path: YamlPath): string {
  return path.map((part) => String(part).toLowerCase()).join("\u0000");
}

export function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

export function positionAt(starts: readonly number[], offset: number): YamlPosition {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
}
