import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { test, type TestContext } from "node:test";

type Ask = <Answer>(method: string, path: string, body?: unknown) => Promise<Answer>;

/** Starts a platform of the test's own, on a free port and in memory, and gives a function that asks it. */
async function sandbox(t: TestContext, ...flags: string[]): Promise<Ask> {
  const started = spawn("robutler-mcp", ["sandbox", "--addr", "127.0.0.1:0", "--sandbox-db", ":memory:", ...flags]);
  t.after(() => started.kill());
  const settings = new Map<string, string>();
  for await (const line of createInterface(started.stdout)) {
    const [name, value] = line.split("=", 2);
    settings.set(name!, value!);
    if (settings.size === 2) break;
  }
  return async (method, path, body) => {
    const response = await fetch(`${settings.get("ROBUTLER_API_URL")}/api${path}`, {
      method,
      headers: { Authorization: `Bearer ${settings.get("WEBAGENTS_API_KEY")}`, "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
    return response.json();
  };
}

test("my agent is found", async (t) => {
  const ask = await sandbox(t);
  const description = "Tide tables for every harbor";
  await ask("POST", "/agents", { name: "tide-table", instructions: "Tell when the tide turns.", description, isPublic: true });
  const found = await ask<{ agents: { name: string }[] }>("POST", "/agents/search", { query: "tide tables of a harbor" });
  assert.equal(found.agents[0]?.name, "tide-table");
});

test("a platform that breaks connections", async (t) => {
  const ask = await sandbox(t, "--fault", "GET /api/balance every=2 reset");
  await ask("GET", "/balance");
  await assert.rejects(ask("GET", "/balance"), TypeError);
});
