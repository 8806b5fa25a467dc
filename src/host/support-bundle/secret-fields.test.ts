import { expect, test } from "bun:test";
import { blot } from "./blot.ts";
import { withoutSecretLooks } from "./secret-looks.ts";

test.each([
  [
    "a variable in quotes",
    `Environment="DB_PASSWORD=correct horse battery"`,
    `Environment="DB_PASSWORD=${blot}"`,
  ],
  [
    "single quotes around it",
    `Environment='DB_PASS=correct horse' 'A=b'`,
    `Environment='DB_PASS=${blot}' 'A=b'`,
  ],
  ["what often ends a value", `X_PASSWORD=ab;cd,ef)gh&ij"kl next`, `X_PASSWORD=${blot} next`],
  ["an escaped blank", String.raw`X_PASSWORD=correct\ horse next`, `X_PASSWORD=${blot} next`],
  ["a word that a shell joins", `PASSWORD="ab"cdef next`, `PASSWORD="${blot}" next`],
  ["blanks in YAML", "password: correct horse, battery\nuser: me", `password: ${blot}\nuser: me`],
  ["a doubled quote", `password: 'it''s x' # y`, `password: '${blot}' # y`],
  ["a quote that a shell leaves", String.raw`password='it'\''s x' y`, `password='${blot}' y`],
  ["an escaped quote", String.raw`{"password":"a\"b","x":1}`, `{"password":"${blot}","x":1}`],
  ["a backslash at the end", String.raw`{"password":"a\\","x":1}`, `{"password":"${blot}","x":1}`],
  ["a list", `{"passwords":["a","b"],"x":1}`, `{"passwords":["${blot}"],"x":1}`],
  [
    "a list in JSON in JSON",
    String.raw`"{\"tokens\":[\"a\",\"b\"]}"`,
    String.raw`"{\"tokens\":[\"${blot}\"]}"`,
  ],
  [
    "a list on lines",
    `"passwords": [\n  "a",\n  "b"\n],\n"x": 1`,
    `"passwords": [\n  "${blot}",\n  "${blot}"\n],\n"x": 1`,
  ],
  [
    "a block",
    "- password: >-\n    correct\n\n    horse\n  user: me",
    `- password: >-\n    ${blot}\n\n    ${blot}\n  user: me`,
  ],
  ["a value on more lines", "password: correct\n  horse\nuser: me", `password: ${blot}\n  ${blot}\nuser: me`],
  ["quotes over lines", `password: "correct\n  horse"\nuser: me`, `password: "${blot}\n  ${blot}\nuser: me`],
  ["a YAML list", "tokens:\n- a\n- b\nuser: me", `tokens:\n${blot}\n${blot}\nuser: me`],
  [
    "more words",
    "wpa_psk=abcd REDIS_AUTH=abcd pass = a b",
    `wpa_psk=${blot} REDIS_AUTH=${blot} pass = ${blot}`,
  ],
  ["TOML", `  auth = "abc=="\n  username = "me"`, `  auth = "${blot}"\n  username = "me"`],
  ["a number after it", "PASSWORD2=abc SECRET_1=def", `PASSWORD2=${blot} SECRET_1=${blot}`],
  ["a flag and its value", "mysql --password hunter2 -v", `mysql --password ${blot} -v`],
  ["a flag's value in quotes", `x --token "a b" -v`, `x --token "${blot}" -v`],
  ["a flag in a list", `["--token","a b","-v"]`, `["--token","${blot}","-v"]`],
  [
    "a flag in a list on lines",
    `[\n  "--token",\n  "a b",\n  "-v"\n]`,
    `[\n  "--token",\n  "${blot}",\n  "-v"\n]`,
  ],
  ["a message", `msg="password: a b" component=x`, `msg="password: ${blot}" component=x`],
  ["an apostrophe before it", `can't use "token: a b" here`, `can't use "token: ${blot}" here`],
  [
    "one after others that stay",
    `{"token":"","auth":true,"password":"a b","x":1}`,
    `{"token":"","auth":true,"password":"${blot}","x":1}`,
  ],
  [
    "quotes around one after an empty one",
    `"token= x" "a" "token=b c"`,
    `"token= ${blot}" "a" "token=${blot}"`,
  ],
  ["XML", "<password>a b</password>", `<password>${blot}</password>`],
  ["a header of another scheme", "Authorization: token 9f86d081 x", `Authorization: ${blot}`],
  ["an API key", `"Authorization": "ApiKey 1-2-3", "x": 1`, `"Authorization": "${blot}", "x": 1`],
  ["a basic header", "Authorization: Basic YTpi more", `Authorization: Basic ${blot}`],
  ["cookies", "Cookie: session=abc; b=c", `Cookie: ${blot}`],
  ["a cookie that is set", `-H 'Set-Cookie: a=b; c' -v`, `-H 'Set-Cookie: ${blot}' -v`],
  ["headers of Go", "map[Authorization:[token abc] Host:[x]]", `map[Authorization:[${blot}] Host:[x]]`],
])("%s: the whole value goes", (_, text, shown) => expect(withoutSecretLooks(text)).toBe(shown));

test.each([
  "--anonymous-auth=false --enable-bootstrap-token-auth=true",
  "authorization:\n  mode: Webhook\nauthentication:\n  anonymous:\n    enabled: false",
  `"imagePullSecrets": [\n  {\n    "name": "regcred"\n  }\n]`,
  `MountVolume.SetUp failed for volume "x" : secret "foo" not found`,
  `"secret": {\n  "secretName": "foo"\n}`,
  'level=info msg="token is there" token= component=x'.replace("token= ", ""),
  '{"password":"","x":1}',
])("%s stays", (text) => expect(withoutSecretLooks(text)).toBe(text));

test("a line with very many fields does not take long", () => {
  const fields = '"tokens":[{"a":1}],"passwords":["a","b"],"auth":true,'.repeat(10_000);
  const before = process.cpuUsage().user;
  withoutSecretLooks(`${fields}${"--token ".repeat(10_000)}token="${"\\\\".repeat(100_000)}`);
  expect((process.cpuUsage().user - before) / 1_000).toBeLessThan(3_000);
});
