// In which forms a secret may be written: as it is, in the strings of other formats, in URLs, hexadecimal, in base64.

/** From here on the base64 of a secret has enough of its own to be recognized inside of a longer one. */
const shortestInBase64 = 6;
/** Longer ones are files: of them the rarer forms are not looked for, which would be most of the memory. */
const longestInAllForms = 1_024;

/** Those that stand in a text as they are. Bytes that are no text have only hexadecimal ones. */
export function spellings(secret: string | Uint8Array): readonly string[] {
  const hex = Buffer.from(secret).toString("hex");
  if (typeof secret !== "string") return [hex, hex.toUpperCase()];
  if (secret.length > longestInAllForms) return [...new Set([secret, secret.trim(), ...inJson(secret)])];
  const forms = [secret, ...inJson(secret)];
  return [
    ...new Set([
      ...forms,
      ...forms.flatMap(inJson),
      ...inUrls(secret),
      ...inScripts(secret),
      hex,
      hex.toUpperCase(),
    ]),
  ];
}

/** Go escapes <, > and &, Python all that is not ASCII, PHP slashes. */
function inJson(text: string): readonly string[] {
  const plain = JSON.stringify(text).slice(1, -1);
  const ofGo = plain.replaceAll(/[<>&\u2028\u2029]/g, unicodeEscape);
  return [plain, ofGo, ascii(plain), ascii(ofGo), plain.replaceAll("/", String.raw`\/`)];
}

const ascii = (text: string): string => text.replaceAll(/[\u007F-\uFFFF]/g, unicodeEscape);

const unicodeEscape = (character: string): string =>
  String.raw`\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** Each part of a URL, and each language, has characters of its own that need no escape. */
function inUrls(text: string): readonly string[] {
  const component = encodedForUrl(text);
  const strict = component.replaceAll(/[!'()*]/g, percent);
  const ofForms = [component, strict].map((form) => form.replaceAll("%20", "+"));
  const asPath = leave(strict, "$&+=:@");
  const asUser = leave(strict, "$&+,;=");
  // As WHATWG's URL writes it: Python, browsers and this runtime leave more.
  const lenient = [leave(component, "$&+,;=:/@"), leave(strict, "$&+,;=:/@"), leave(component, "$&+,")];
  const all = [component, strict, ...ofForms, asPath, asUser, ...lenient];
  return [...all, ...all.map((form) => form.replaceAll(/%[\dA-F]{2}/g, (code) => code.toLowerCase()))];
}

function encodedForUrl(text: string): string {
  // Half of a pair of UTF-16 cannot be encoded.
  return encodeURIComponent(text.toWellFormed());
}

const percent = (character: string): string =>
  `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;

function leave(encoded: string, characters: string): string {
  return characters
    .split("")
    .reduce((form, character) => form.replaceAll(percent(character), character), encoded);
}

/** Within single quotes of YAML and of a shell, escaped word by word, and as HTML. */
function inScripts(text: string): readonly string[] {
  const html = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return [
    text.replaceAll("'", "''"),
    text.replaceAll("'", String.raw`'\''`),
    text.replaceAll(/[^\w./:=@%+,-]/g, String.raw`\$&`),
    html.replaceAll('"', "&#34;").replaceAll("'", "&#39;"),
    html.replaceAll('"', "&quot;").replaceAll("'", "&#39;"),
    html.replaceAll('"', "&quot;"),
    html,
  ];
}

/** What stands in base64 that holds the secret, which may itself be encoded once more. */
export function base64Spellings(secret: string | Uint8Array): readonly string[] {
  const cores = base64Cores(secret);
  if (Buffer.byteLength(secret) < shortestInBase64) return [];
  if (Buffer.byteLength(secret) > longestInAllForms) return cores;
  return [...new Set([...cores, ...cores.map(encodeURIComponent), ...cores.flatMap(base64Cores)])];
}

/**
 * What the base64 of any text that holds the secret must contain: it begins at one of three places of a group of four
 * characters, and the characters that it shares with its neighbours are left out. In both alphabets.
 */
export function base64Cores(secret: string | Uint8Array): readonly string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    const core = whole.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    const forUrls = core.replaceAll("+", "-").replaceAll("/", "_");
    return core === forUrls ? [core] : [core, forUrls];
  });
}
