// Every HTML report of a real run in a browser: on a phone and on a desk, light and dark. `UPTAKE` names the binary, `CHROMIUM` the
// browser; screenshots are kept in the folder that `SCREENSHOTS` names, if any.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { validate } from "ctrf";
import puppeteer from "puppeteer-core";

const BINARY = process.env.UPTAKE ?? fileURLToPath(new URL("../../target/release/uptake", import.meta.url));
const AXE = readFileSync(fileURLToPath(new URL("node_modules/axe-core/axe.min.js", import.meta.url)), "utf8");
const folder = mkdtempSync(join(tmpdir(), "uptake-reports-"));
const at = (name) => join(folder, name);

/** How each report is made, and the exit code of the run. */
const RUNS = {
    check: [["check", "--defect", "token-serves-once", "--area", "upload", "--area", "auth", "--area", "revoke"], 1],
    load: [["load", "--rate", "40/s", "--size", "16KiB", "--duration", "3s", "--allow-saturated", "--fail-if", "errors > 1%"], 0],
    fuzz: [["fuzz", "--cases", "120", "--enough", "1", "--defect", "stale-bytes-at-end", "--out", at("found")], 1],
    servers: [["matrix", at("servers.yaml")], 1],
    matrix: [["prove", "--defect", "any-api-key-exchanged", "--defect", "token-serves-once"], 0],
};

/** Two servers to compare: the reference server, and the same with a defect. */
function writeServers() {
    mkdirSync(at("small"));
    writeFileSync(at("small/suite.yaml"), `suite: small
areas: { door: Who may enter }
rules:
  - { id: DOOR-01, area: door, level: must, text: A call without a key is refused with 401, source: [test] }
  - { id: DOOR-02, area: door, level: should, text: The refusal is JSON, source: [test] }
`);
    writeFileSync(at("small/call.yaml"), `scenario: A call without a key
steps:
  - ask: { get: /upload-tokens, expect: { DOOR-01: { status: 401 }, DOOR-02: { headers: { content-type: { contains: json } } } } }
`);
    const server = (name, more) => `  - server: ${name}
    version: 1.4.0
    start: [ ${JSON.stringify(BINARY)}, serve, --listen, "127.0.0.1:\${port}", --api-key, a-key-of-the-test${more} ]
    url: "http://127.0.0.1:\${port}"
    suites: [ small ]
`;
    writeFileSync(at("servers.yaml"), `matrix: Servers of delegated uploads\nservers:\n${server("reference", "")}${server("with a defect", ", --defect, missing-authorization-is-403")}`);
}

/** What else a run writes. */
const MORE = { check: ["--report", `ctrf=${at("check.ctrf")}`, "--report", `har=${at("check.har")}`] };

let browser;

function uptake(args, code) {
    const { status, stderr } = spawnSync(BINARY, args, { encoding: "utf8", cwd: folder });
    assert.equal(status, code, `${args.join(" ")}: ${stderr}`);
}

before(async () => {
    writeServers();
    for (const [name, [args, code]] of Object.entries(RUNS)) {
        uptake([...args, "--quiet", "--report", `html=${at(`${name}.html`)}`, "--report", `json=${at(`${name}.json`)}`, ...(MORE[name] ?? [])], code);
    }
    uptake([...RUNS.load[0], "--quiet", "--report", `json=${at("again.json")}`], 0);
    uptake(["report", "compare", at("load.json"), at("again.json"), "--report", `html=${at("compare.html")}`], 0);
    browser = await puppeteer.launch({
        executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
        args: ["--no-sandbox", "--disable-dev-shm-usage"],
    });
});

after(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
});

/** Opens a report; everything that the console said is collected. */
async function open(name, width, theme) {
    const page = await browser.newPage();
    const said = [];
    page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => said.push(String(error)));
    page.on("request", (request) => {
        if (!/^(file|data):/.test(request.url())) said.push(`request: ${request.url()}`);
    });
    await page.setViewport({ width, height: 900 });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]);
    await page.goto(pathToFileURL(at(`${name}.html`)).href);
    return { page, said };
}

/** What axe finds that keeps people from reading the page. */
async function serious(page) {
    await page.evaluate(AXE);
    const { violations, passes } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
    assert.ok(passes.length > 10, "axe has looked at the page");
    return violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} ${node.failureSummary}`).join(" | ")}`);
}

for (const name of ["check", "load", "compare", "fuzz", "matrix", "servers"]) {
    for (const width of [360, 1280]) {
        for (const theme of ["light", "dark"]) {
            test(`the ${name} report is readable at ${width} px, ${theme}`, async () => {
                const { page, said } = await open(name, width, theme);
                const broad = await page.evaluate(() => document.documentElement.scrollWidth);
                assert.ok(broad <= width, `the page is ${broad} px wide`);
                assert.deepEqual(await serious(page), []);
                assert.deepEqual(said, []);
                if (process.env.SCREENSHOTS) {
                    mkdirSync(process.env.SCREENSHOTS, { recursive: true });
                    await page.screenshot({ path: join(process.env.SCREENSHOTS, `${name}-${width}-${theme}.png`) });
                }
                await page.close();
            });
        }
    }
}

/** The rules that a reader sees. */
const visible = (page, list) =>
    page.evaluate((id) => [...document.querySelectorAll(`#${id} > [data-text]`)]
        .filter((item) => item.checkVisibility())
        .map((item) => ({ ...item.dataset })), list);

test("rules are filtered by verdict, level, area and text, and all come back", async () => {
    const { page } = await open("check", 1280, "light");
    const all = await visible(page, "rules");
    const failed = all.filter(({ verdict }) => verdict === "failed");
    assert.ok(failed.length > 0 && failed.length < all.length, "some failed, some did not");

    await page.click("input[name=verdict][value=failed]");
    assert.deepEqual(await visible(page, "rules"), failed);
    assert.equal(await page.$eval("#rules-count", (count) => count.textContent), `${failed.length} of ${all.length} shown`);
    await page.click("input[name=verdict][value=passed]");
    assert.ok((await visible(page, "rules")).every(({ verdict }) => verdict === "failed" || verdict === "passed"));

    await page.click("button[type=reset]");
    await page.waitForFunction((count) => document.querySelectorAll("#rules > :not([hidden])").length === count, {}, all.length);
    await page.select("#level", "should");
    assert.deepEqual(await visible(page, "rules"), all.filter(({ level }) => level === "should"));
    await page.select("#level", "");
    await page.click("[data-area-button=revoke]");
    assert.deepEqual(await visible(page, "rules"), all.filter(({ area }) => area === "revoke"));

    await page.click("button[type=reset]");
    await page.type("#text", "UPLOAD-01 token");
    assert.deepEqual((await visible(page, "rules")).map(({ area }) => area), ["upload"]);
    await page.type("#text", " nothing says this");
    assert.deepEqual(await visible(page, "rules"), []);
    assert.ok(await page.$eval("#rules-empty", (empty) => empty.checkVisibility()), "the reader is told");
    await page.close();
});

test("a failed rule is unfolded with what was expected, what came, and a request to copy", async () => {
    const { page } = await open("check", 1280, "light");
    const shown = await page.$eval("#rules > [data-verdict=failed]", (rule) => rule.innerText);
    for (const label of ["Expected", "Got", "Scenario file", "Request", "Response", "curl", "exchanges of the scenario"]) assert.ok(shown.includes(label), label);
    await browser.defaultBrowserContext().overridePermissions(page.url(), ["clipboard-read", "clipboard-write"]).catch(() => {});
    const button = "#rules > [data-verdict=failed] .exchange .copy";
    await page.click(button);
    await page.waitForFunction((button) => document.querySelector(button).textContent === "Copied", {}, button);
    await page.close();
});

test("a link to a rule opens it", async () => {
    const { page } = await open("check", 360, "light");
    const id = await page.$eval("#rules > [data-verdict=passed]", (rule) => rule.id);
    await page.evaluate((id) => { location.hash = id; }, id);
    await page.waitForFunction((id) => document.getElementById(id).open, {}, id);
    await page.close();
});

test("a failed cell leads to the deviation, with what was expected and the request", async () => {
    const { page } = await open("servers", 360, "light");
    const link = await page.$eval("#suite0 a.tag.bad", (link) => link.getAttribute("href"));
    await page.evaluate((hash) => { location.hash = hash; }, link);
    await page.waitForFunction((id) => document.getElementById(id).open, {}, link.slice(1));
    const shown = await page.$eval(link, (item) => item.innerText);
    for (const label of ["with a defect 1.4.0", "status 401", "403", "curl"]) assert.ok(shown.includes(label), `${label}: ${shown}`);
    await page.type("#text0", "DOOR-02");
    assert.equal((await visible(page, "suite0")).length, 1);
    await page.close();
});

test("a page without scripts shows every rule, and no control that would do nothing", async () => {
    const page = await browser.newPage();
    await page.setJavaScriptEnabled(false);
    await page.goto(pathToFileURL(at("check.html")).href);
    const html = await page.content();
    assert.ok(html.includes("class=\"no-script\""));
    assert.equal(await page.$$eval(".filters, .copy", (all) => all.filter((one) => one.checkVisibility()).length), 0);
    assert.ok((await page.$$("#rules > details")).length > 10);
    await page.close();
});

test("a printed report has no controls", async () => {
    const { page } = await open("check", 1280, "light");
    await page.emulateMediaType("print");
    assert.equal(await page.$$eval(".filters, .copy, .tools", (all) => all.filter((one) => one.checkVisibility()).length), 0);
    assert.ok((await page.pdf()).length > 10_000);
    await page.close();
});

test("defects are filtered by result and text", async () => {
    const { page } = await open("matrix", 1280, "light");
    const all = await visible(page, "defects");
    assert.equal(all.length, 2);
    await page.click("input[name=fate][value=caught]");
    assert.deepEqual(await visible(page, "defects"), all.filter(({ fate }) => fate === "caught"));
    await page.type("#text", "token-serves-once");
    assert.deepEqual((await visible(page, "defects")).length, 1);
    await page.close();
});

test("the CTRF report fits its public schema and counts the rules", () => {
    const report = JSON.parse(readFileSync(at("check.ctrf"), "utf8"));
    const { valid, errors } = validate(report);
    assert.ok(valid, JSON.stringify(errors));
    const run = JSON.parse(readFileSync(at("check.json"), "utf8"));
    assert.equal(report.results.summary.tests, run.summary.rules);
    assert.equal(report.results.summary.failed, run.summary.failed);
    delete report.results.summary.failed;
    assert.ok(!validate(report).valid, "the validator sees what is missing");
});

test("the HTTP archive has every exchange with its page, its time and no secret", () => {
    const text = readFileSync(at("check.har"), "utf8");
    const { version, pages, entries } = JSON.parse(text).log;
    assert.equal(version, "1.2");
    assert.ok(pages.length > 10 && entries.length > pages.length);
    const ids = new Set(pages.map(({ id }) => id));
    assert.ok(entries.every(({ pageref }) => ids.has(pageref)));
    assert.ok(entries.every(({ startedDateTime }) => !Number.isNaN(Date.parse(startedDateTime))));
    const created = entries.find(({ request, response }) => request.method === "POST" && request.url.endsWith("/auth/api-key") && response.status === 200);
    assert.equal(JSON.parse(created.response.content.text).access_token, "$ACCESS_TOKEN");
});
