// The documentation page in a real browser: wide, on a telephone and in dark colours. It must not
// scroll sideways, must start empty what is tried out, must find operations, and pass axe's checks.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import puppeteer from "puppeteer-core";

const base = process.argv[2];
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf-8");
const VIEWS = [
  { name: "wide", width: 1280, scheme: "light" },
  { name: "narrow", width: 390, scheme: "light" },
  { name: "dark", width: 1280, scheme: "dark" },
];
// Swagger UI's own markup, which is not ours to change.
const NOT_OURS = new Set(["aria-allowed-role", "landmark-unique", "nested-interactive", "scrollable-region-focusable"]);

const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

async function isAsWideAsItsWindow(page, what) {
  const [content, view] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  assert.ok(content <= view, `${what}: ${content} px of content in ${view} px`);
}

async function open(page, tag, id) {
  await page.evaluate((...place) => window.ui.layoutActions.show(["operations", ...place], true), tag, id);
  const block = await page.waitForSelector(`[id="operations-${tag.replaceAll(" ", "_")}-${id}"] .try-out__btn`);
  await block.click();
  await page.waitForSelector(`[id="operations-${tag.replaceAll(" ", "_")}-${id}"] .execute`);
}

for (const { name, width, scheme } of VIEWS) {
  const page = await browser.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(base) && !request.url().startsWith("data:")) errors.push(request.url());
  });
  await page.setViewport({ width, height: 1000 });
  await page.setBypassCSP(true);
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.goto(`${base}/api/docs/`);
  await page.waitForSelector(".opblock");
  await isAsWideAsItsWindow(page, name);

  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const ours = violations.filter((each) => !NOT_OURS.has(each.id));
  assert.deepEqual(ours.map((each) => [each.id, each.nodes.map((node) => node.html).slice(0, 5)]), [], name);

  const spec = await (await fetch(`${base}/api/docs/page.json`)).json();
  for (const item of Object.values(spec.paths)) {
    for (const operation of Object.values(item).filter((each) => each.operationId && each.parameters)) {
      await open(page, operation.tags[0], operation.operationId);
    }
  }
  await isAsWideAsItsWindow(page, `${name}, opened`);
  const filled = await page.$$eval(".parameters input", (inputs) =>
    inputs.filter((each) => each.value && !each.closest("tr").querySelector(".required")).map((each) => each.placeholder));
  assert.deepEqual(filled, [], "optional parameters that are filled in");

  await page.type("#find", "snapshots post");
  await page.waitForFunction(() => document.querySelectorAll(".opblock").length === 1);
  assert.match(await page.$eval(".opblock", (each) => each.id), /restoreSnapshot/);
  assert.equal(await page.$eval("#found", (each) => each.textContent), "1 found");
  assert.deepEqual(errors, [], name);
  console.log(`${name}: ${width} px, no sideways scrolling, nothing filled in, axe content`);
  await page.close();
}
await browser.close();
