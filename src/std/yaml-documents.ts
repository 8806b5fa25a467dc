// Where each document of a YAML text begins, and each item of a Kubernetes List in it, so that what is said about an object
// can name its line.

import { EVENT_ID, getScalarValue, type Event } from "js-yaml";
import { offsetOf } from "./yaml-positions.ts";

export interface DocumentPlace {
  /** Offset in the text. */
  readonly start: number;
  /** Offsets of the members of its top-level `items`. */
  readonly items: readonly number[];
}

interface OpenDocument {
  start: number | undefined;
  readonly items: number[];
  /** Below the root mapping: the key whose value comes next; undefined before a key. */
  key: string | undefined;
  inItems: boolean;
}

/** One place a document, in order; empty documents have one, too. */
export function documentPlaces(text: string, events: readonly Event[]): DocumentPlace[] {
  const places: DocumentPlace[] = [];
  let document: OpenDocument = open();
  const kinds: Event["type"][] = [];
  for (const event of events) {
    if (event.type === EVENT_ID.POP) {
      kinds.pop();
      if (kinds.length === 0) {
        places.push({ start: document.start ?? 0, items: document.items });
        document = open();
      }
      if (kinds.length === 2) document.inItems = false;
      continue;
    }
    if (event.type !== EVENT_ID.DOCUMENT) note(text, document, kinds, event);
    if (event.type !== EVENT_ID.SCALAR && event.type !== EVENT_ID.ALIAS) kinds.push(event.type);
  }
  return places;
}

function open(): OpenDocument {
  return { start: undefined, items: [], key: undefined, inItems: false };
}

/** `kinds` are the nodes around the event, its document first. */
function note(text: string, document: OpenDocument, kinds: readonly Event["type"][], event: Event): void {
  const [, root] = kinds;
  if (kinds.length === 1) document.start = offsetOf(event);
  if (kinds.length === 2 && root === EVENT_ID.MAPPING) {
    if (document.key === undefined) {
      document.key = event.type === EVENT_ID.SCALAR ? getScalarValue(text, event) : "";
      return;
    }
    document.inItems = document.key === "items" && event.type === EVENT_ID.SEQUENCE;
    document.key = undefined;
  }
  if (kinds.length === 3 && document.inItems) document.items.push(offsetOf(event) ?? document.start ?? 0);
}
