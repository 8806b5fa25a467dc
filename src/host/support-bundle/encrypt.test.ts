import { expect, test } from "bun:test";
import { Decrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { ageEncrypter } from "./encrypt.ts";

test("each recipient can read it, and nobody else", async () => {
  const identities = [await generateX25519Identity(), await generateX25519Identity()];
  const recipients = await Promise.all(identities.map(identityToRecipient));
  const file = await ageEncrypter(recipients)(Buffer.from("a bundle"));
  const read = (identity: string): Promise<string> => {
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    return decrypter.decrypt(file, "text");
  };
  for (const identity of identities) expect(await read(identity)).toBe("a bundle");
  expect(read(await generateX25519Identity())).rejects.toThrow();
});

test.each(["age1qqqq", "ssh-ed25519 AAAA", "me"])("%s is refused", (recipient) => {
  expect(() => ageEncrypter([recipient])).toThrow(`${recipient} is no age recipient`);
});

test("a secret key that was given by mistake is not repeated", async () => {
  const identity = await generateX25519Identity();
  expect(() => ageEncrypter([identity])).toThrow("a secret key is no age recipient");
});
