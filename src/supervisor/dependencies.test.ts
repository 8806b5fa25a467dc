import { expect, test } from "bun:test";
import type { Component } from "./component.ts";
import { assertStartable, namesOf } from "./dependencies.ts";

const done = (): Promise<void> => Promise.resolve();
const server: Component = { name: "server", start: done, stop: done };

test("what is waited for is a component or a declaration, by the name that it runs under", () => {
  const declared = { name: "declared-server", runningName: "server" };
  expect(namesOf([server, declared])).toEqual(["server", "server"]);
  const client: Component = { name: "client", dependsOn: [declared], start: done, stop: done };
  expect(() => assertStartable([client, server])).not.toThrow();
  expect(() => assertStartable([client])).toThrow("client depends on server, which is not in the group");
});

test("a name alone does not compile", () => {
  // @ts-expect-error: nobody would see that it is misspelt.
  const client: Component = { name: "client", dependsOn: ["sever"], start: done, stop: done };
  expect(client.name).toBe("client");
});
