// Encryption for the recipients of a bundle. https://age-encryption.org/v1

import { Encrypter } from "age-encryption";
import { errorMessage, UserError } from "../../std/errors.ts";

/** Any of them can decrypt it, and nobody else, who made it included. Throws a UserError if one is no recipient. */
export function ageEncrypter(recipients: readonly string[]): (data: Uint8Array) => Promise<Uint8Array> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient);
    } catch (err) {
      throw new UserError(
        `${recipient.startsWith("AGE-SECRET-KEY-") ? "a secret key" : recipient} is no age recipient: ${errorMessage(err)}`,
        {
          code: "bad-recipient",
          hint: "It begins with age1, as age-keygen prints it; keys of SSH are not accepted.",
          cause: err,
        },
      );
    }
  }
  return (data) => encrypter.encrypt(data);
}
