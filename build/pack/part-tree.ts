// A part before it is packed: files of the build host and what they become.

import type { PartKind } from "../../src/payload/index-schema.ts";
import type { InterpreterField } from "../host-tools/relocate.ts";

export interface TreeFile {
  readonly path: string;
  /** The file on the build host. */
  readonly source: string;
  readonly mode: number;
  readonly interpreter?: InterpreterField;
}

export interface PartTree {
  readonly name: string;
  readonly kind: PartKind;
  readonly version: string;
  readonly files: readonly TreeFile[];
  readonly links: readonly { readonly path: string; readonly target: string }[];
  /** Path of the dynamic loader among the files. */
  readonly loader?: string;
  /** What is to be done to x86 code for better compression. */
  readonly filter?: "x86-64";
  /** The tables of Go programs get a form that compresses better. */
  readonly goTables?: boolean;
}
