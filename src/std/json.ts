// JSON that may have been broken by somebody else.

/** Undefined for text that is not JSON: a schema says then what is wrong with it, or the caller that there is nothing. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
