// What a value has to be, in the ways in which the benchmark asks.

import type { Want } from "./look.ts";

export const given: Want = { text: "is given", holds: (value) => value !== undefined && value !== "" };

export const absent: Want = { text: "is not given", holds: (value) => value === undefined };

export function is(wanted: string): Want {
  return { text: `is \`${wanted}\``, holds: (value) => value === wanted };
}

export function notOr(wanted: string): Want {
  return { text: `is not \`${wanted}\``, holds: (value) => value !== wanted };
}

/** One entry of a list with commas. */
export function has(entry: string): Want {
  return { text: `has \`${entry}\``, holds: (value) => entriesOf(value).includes(entry) };
}

export function hasNot(entry: string): Want {
  return { text: `does not have \`${entry}\``, holds: (value) => !entriesOf(value).includes(entry) };
}

export function atLeast(least: number): Want {
  return {
    text: `is at least ${least}`,
    holds: (value) => value !== undefined && value !== "" && Number(value) >= least,
  };
}

/** Suites of TLS 1.2 with forward secrecy and authenticated encryption. */
export const strongCiphers: Want = {
  text: "has strong ciphers alone",
  holds: (value) =>
    value !== undefined &&
    entriesOf(value).every((cipher) =>
      /^TLS_ECDHE_(ECDSA|RSA)_WITH_(AES_(128|256)_GCM_SHA(256|384)|CHACHA20_POLY1305(_SHA256)?)$/.test(
        cipher,
      ),
    ),
};

function entriesOf(value = ""): readonly string[] {
  return value.split(",");
}
