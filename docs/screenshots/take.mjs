// Takes the documentation's pictures: the MCP Inspector's page in headless Chromium, connected to a running server.
//
//   node take.mjs INSPECTOR-URL CHROMIUM PROFILE-FOLDER PICTURE-FOLDER
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [url, executablePath, profile, pictures] = process.argv.slice(2);
const maxBytes = 150_000;

const browser = await chromium.launchPersistentContext(profile, {
  executablePath,
  headless: true,
  colorScheme: "light",
  reducedMotion: "reduce",
  viewport: { width: 1340, height: 760 },
  args: [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
  ],
});

// quiet waits until nothing moves.
async function quiet(page) {
  await page.mouse.move(0, 0);
  await page.waitForFunction(() => document.getAnimations().every((animation) => animation.playState !== "running"));
}

async function take(page, name) {
  await quiet(page);
  const path = join(pictures, `${name}.png`);
  await page.screenshot({ path, animations: "disabled", caret: "hide" });
  const { size } = statSync(path);
  assert.ok(size <= maxBytes, `${name}.png has ${size} bytes`);
  console.log(`${name}.png: ${size} bytes`);
}

// part takes the panel that has a heading, from its top, as an image of a page.
async function part(page, heading, height) {
  await quiet(page);
  const panel = page.locator(".mantine-Paper-root").filter({ has: page.getByText(heading, { exact: true }) }).last();
  const box = await panel.boundingBox();
  const clip = { ...box, height: Math.min(box.height, height) };
  const bytes = await page.screenshot({ clip, animations: "disabled", caret: "hide" });
  return `<img style="display:block" src="data:image/png;base64,${bytes.toString("base64")}">`;
}

try {
  const page = browser.pages()[0] ?? (await browser.newPage());
  page.setDefaultTimeout(20_000);
  await page.goto(url);
  await page.getByRole("switch", { name: /^Connect or disconnect/ }).click({ force: true });
  await page.getByRole("button", { name: "Close monitoring sidebar" }).click();
  await page.getByText("Tools", { exact: true }).first().click();
  await page.getByText("Tools (20)").waitFor();
  await take(page, "tools");

  await page.getByRole("button", { name: "Search agents" }).click();
  await page.getByText("query *").waitFor();
  await page.getByRole("textbox").nth(1).fill("translate a contract");
  await page.getByRole("textbox").nth(1).blur();
  await take(page, "call");
  const call = await part(page, "Search agents", 300);

  await page.getByRole("button", { name: "Execute Tool" }).click();
  await page.getByText("legal-translator").first().waitFor();
  // No font of a bare machine has the sign on this button.
  await page.addStyleTag({ content: '[aria-label="Copy"] { visibility: hidden }' });
  await take(page, "result");
  const result = await part(page, "Results", 304);

  await page.setViewportSize({ width: 900, height: 604 });
  await page.setContent(`<!doctype html><body style="margin:0">${call}${result}`);
  await take(page, "call-and-result");
} finally {
  await browser.close();
}
