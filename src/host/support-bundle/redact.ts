// Text as a stranger may see it: without keys, tokens and passwords. Two nets: secrets that are known are removed in
// whatever form they are written; what looks like a secret is removed whether it is known or not. Too much rather than too little.

import { blot } from "./blot.ts";
import { findNeedles, needleSet } from "./needles.ts";
import { withoutSecretLooks, withoutSecretLooksInSteps } from "./secret-looks.ts";
import { base64Spellings, spellings } from "./spellings.ts";

export { withoutSecretLooks };

/** Ends with the reason of its signal: a long text takes a while, in which other things go on. */
export type Redact = (text: string, signal: AbortSignal) => Promise<string>;

/** `secrets`: values that must not appear, whatever their form. Bytes are those that are no text. */
export async function redactor(secrets: Iterable<string | Uint8Array>, signal: AbortSignal): Promise<Redact> {
  const needles = needleSet();
  const breathe = breaths();
  for (const secret of new Set(secrets)) {
    // Shorter ones would tear every text apart; as values of fields and in URLs they are found by their places.
    if (secret.length < shortest) continue;
    for (const text of spellings(secret)) needles.add({ text, inBase64: false });
    for (const text of base64Spellings(secret)) needles.add({ text, inBase64: true });
    await breathe(signal);
  }
  return async (text, stop) => {
    const pause = (): Promise<void> => breathe(stop);
    const found = await findNeedles(needles, text, pause);
    let shown = "";
    let done = 0;
    for (const { from, to } of found) {
      shown += text.slice(done, from) + blot;
      done = to;
    }
    const steps = withoutSecretLooksInSteps(shown + text.slice(done));
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      await pause();
    }
  };
}

const shortest = 4;

/** Lets others have their turn if it is a while since they had. */
function breaths(): (signal: AbortSignal) => Promise<void> {
  let last = performance.now();
  return async (signal) => {
    signal.throwIfAborted();
    if (performance.now() - last < 20) return;
    await new Promise<void>((resolve) => void setTimeout(resolve));
    last = performance.now();
    signal.throwIfAborted();
  };
}
