// Numbers that JavaScript cannot hold, kept as the text that JSON.stringify writes for them. The engine has this
// (https://github.com/tc39/proposal-json-parse-with-source), the types of the language do not know it yet.

/** Opaque: it can be written as JSON and nothing else. */
export interface ExactNumber {
  readonly rawJSON: string;
}

interface JsonWithSource {
  rawJSON(text: string): ExactNumber;
  isRawJSON(value: unknown): value is ExactNumber;
}

const json = JSON as unknown as JsonWithSource;

/** `digits` must be a number in JSON's grammar. */
export function exactNumber(digits: string): ExactNumber {
  return json.rawJSON(digits);
}

export function isExactNumber(value: unknown): value is ExactNumber {
  return json.isRawJSON(value);
}
