// Calls methods of one of Alloy's JavaScript clients, one after the other.
//
//   node call.cjs <alloy-node | alloy-frontend> <sandbox origin> < calls.json
//
// The calls are a list of [method, ...arguments]. Prints a list of {"value"} or {"thrown"}.
// The clients are not touched: alloy-node finds the sandbox as its HTTPS_PROXY, and alloy-frontend
// through a `fetch` that takes Alloy's host for the sandbox's.
"use strict";

const [name, origin] = process.argv.slice(2);
const calls = JSON.parse(require("fs").readFileSync(0, "utf8"));
const Client = require(require.resolve(name, { paths: [process.cwd()] }));

function start() {
  if (name === "alloy-node") return new Client("sandbox_key");
  const realFetch = globalThis.fetch;
  globalThis.fetch = (url, options) =>
    realFetch(url.replace("https://embedded.runalloy.com", origin), options);
  return Client();
}

async function main() {
  const client = start();
  const results = [];
  for (const [method, ...args] of calls) {
    try {
      results.push({ value: await client[method](...args) });
    } catch (thrown) {
      results.push({ thrown: String(thrown) });
    }
  }
  console.log(JSON.stringify(results));
}

main();
