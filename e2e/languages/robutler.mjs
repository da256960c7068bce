// Uses the embedded platform from Node's own fetch. Needs ROBUTLER_API_URL and WEBAGENTS_API_KEY.
import assert from "node:assert/strict";

const { ROBUTLER_API_URL: base, WEBAGENTS_API_KEY: key } = process.env;

async function ask(method, path, body, as = key) {
  const headers = { Authorization: `Bearer ${as}` };
  if (body && !(body instanceof FormData)) {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify(body);
  }
  const response = await fetch(`${base}/api${path}`, { method, headers, body });
  assert.equal(response.status, 200, `${method} ${path}`);
  return response.json();
}

const created = await ask("POST", "/agents", { name: "from-node", instructions: "Help." });
assert.ok((await ask("GET", "/agents")).agents.some((agent) => agent.name === "from-node"));
assert.equal((await ask("POST", "/agents/search", { query: "read an invoice" })).agents[0].name, "invoice-reader");

const form = new FormData();
form.append("file", new Blob(["hello"]), "n.txt");
assert.equal((await ask("POST", "/content/upload", form)).displayName, "n.txt");

const before = (await ask("GET", "/balance")).availableBalance;
const { token } = (await ask("POST", "/user/tokens", { amount: "2" })).token;
const { lockId } = await ask("POST", "/payments/lock", { token, amount: 1 }, created.rawApiKey);
const settled = await ask("POST", "/payments/settle", { lockId, amount: 0.25 }, created.rawApiKey);
assert.equal(settled.charged, "250000000");
assert.equal((await ask("GET", "/balance")).availableBalance, before - 2e9 + 237500000);
console.log("node: ok");
