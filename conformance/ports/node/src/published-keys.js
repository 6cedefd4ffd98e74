/** Key ids of the published keys: anybody could seal with these (SPEC 4.6). Copied from conformance/keys.json. */

export const PUBLISHED_KEY_IDS = new Set([
  "6fc7081d3e766c36",
  "4ea2f157ffded898",
  "9f84869a5c62fad0",
  "5e4aff24802746a4",
  "bbc377b029830245",
  "8feb8197166a5f73",
  "0eaf516890375a99",
  "0fad321d6ef252fb",
  "8212a3f2810ed1ba",
  "ff89f44177d7ff86",
  "b51204cef3337a95",
  "ff3dd18aa727d528",
  "6e07478e478f1ed0",
  "fcbb6e88b39c2f85",
  "753aa8cd25feb2ed",
  "27abe40f284a3fad",
  "badec5cb93218f66",
  "2cdd01d42e6dbf7f",
  "0e4e40b44d19b3c7",
  "b9ff223a64e38a33",
]);
