// The vendor's own uploader in a browser, against the reference server: a page on one origin, the server on another,
// secured. `UPTAKE` names the binary, `CHROMIUM` the browser.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import puppeteer from "puppeteer-core";

import { content, record, servePage, sum, upload } from "./page.js";
import { KEY, Server } from "./server.js";

const BINARY = process.env.UPTAKE ?? fileURLToPath(new URL("../../target/release/uptake", import.meta.url));
const MIB = 1024 * 1024;

let server, page, site, browser;
/** Every answer that the page got of the server: its protocol, method, path and status. */
const answers = [];

before(async () => {
    server = await Server.start(BINARY);
    site = await servePage();
    browser = await puppeteer.launch({
        executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
        // The certificate is signed by nobody whom a browser knows.
        args: ["--ignore-certificate-errors", "--no-sandbox", "--disable-dev-shm-usage"],
    });
    page = await browser.newPage();
    const devtools = await page.createCDPSession();
    const methods = new Map();
    devtools.on("Network.requestWillBeSent", ({ requestId, request }) => methods.set(requestId, request.method));
    devtools.on("Network.responseReceived", ({ requestId, response }) => {
        if (!response.url.startsWith(server.origin)) return;
        const path = new URL(response.url).pathname;
        answers.push({ protocol: response.protocol, method: methods.get(requestId), path, status: response.status });
    });
    await devtools.send("Network.enable");
    await page.goto(site.origin);
});

after(async () => {
    await browser?.close();
    site?.stop();
    if (server) assert.equal(await server.stop(), 0, "the server ends well");
});

/** The calls that were answered; the browser tells of an answer a little after the page has it. */
async function answered(count) {
    const calls = () => answers.filter(({ method }) => method === "POST");
    for (let turn = 0; turn < 200 && calls().length < count; turn++) await page.evaluate(() => document.title);
    return calls();
}

/** What the uploader is told of the server. */
function options(more) {
    return { apiHost: new URL(server.origin).host, ...more };
}

function uploadInPage(length, more) {
    return page.evaluate(upload, { makeContent: content.toString(), length, options: options(more) });
}

/** What arrived is what was sent. */
async function assertArrived(video, bytes) {
    assert.deepEqual(await server.arrived(video), { complete: true, size: bytes.length, sha256: sum(bytes) });
    assert.equal((await server.status(video)).status, "uploaded");
}

test("a file of 12 MiB arrives in parts of 5 MiB, and tells of its progress", async () => {
    const length = 12 * MIB;
    answers.length = 0;
    const { video, progress, error } = await uploadInPage(length, {
        uploadToken: await server.token(3600),
        chunkSize: 5 * MIB,
        origin: { application: { name: "a-page", version: "1.0.0" }, sdk: { name: "a-kit", version: "2.0.0" } },
    });
    assert.equal(error, undefined);
    assert.equal(video.title, "film.mp4");
    await assertArrived(video.videoId, content(length));
    assert.deepEqual((await server.status(video.videoId)).receivedParts, { parts: [1, 2, 3], total: 3 });

    assert.deepEqual([...new Set(progress.map((event) => event.currentChunk))], [1, 2, 3]);
    assert.ok(progress.every((event) => event.totalBytes === length && event.chunksCount === 3));
    assert.ok(progress.every((event, at) => at === 0 || event.uploadedBytes >= progress[at - 1].uploadedBytes));
    assert.ok(progress.at(-1).uploadedBytes >= length, "the last event tells of the whole file");

    const uploads = await answered(3);
    assert.deepEqual(uploads.map(({ status }) => status), [201, 201, 201]);
    assert.ok(uploads.every(({ protocol }) => protocol === "h2"), JSON.stringify(answers));
});

test("a file of one part is sent as one, and its name is kept", async () => {
    const { video } = await uploadInPage(1 * MIB, { uploadToken: await server.token(0), videoName: "A film" });
    assert.equal(video.title, "A film");
    await assertArrived(video.videoId, content(1 * MIB));
});

test("a recording is uploaded part by part, and their number is known with the last", async () => {
    // Small blobs are put together by the uploader until they are a part.
    const blobs = [2 * MIB, 4 * MIB, 5 * MIB, 7 * MIB, 1 * MIB];
    const { video, progress } = await page.evaluate(record, {
        makeContent: content.toString(),
        blobs,
        options: options({ uploadToken: await server.token(3600) }),
    });
    await assertArrived(video.videoId, content(19 * MIB));
    assert.deepEqual((await server.status(video.videoId)).receivedParts, { parts: [1, 2, 3, 4], total: 4 });
    assert.deepEqual([...new Set(progress.map((event) => event.part))], [1, 2, 3, 4]);
});

test("an upload that is begun in time is completed after its token has expired", async () => {
    const token = await server.token(60);
    await page.evaluate(
        async ({ makeContent, options }) => {
            const content = new Function(`return ${makeContent}`)()(6 * 1024 * 1024);
            window.recording = new window.ProgressiveUploader(options);
            await window.recording.uploadPart(new Blob([content.subarray(0, 5 * 1024 * 1024)]));
            window.rest = new Blob([content.subarray(5 * 1024 * 1024)]);
        },
        { makeContent: content.toString(), options: options({ uploadToken: token }) },
    );
    await server.advance(3600);
    const video = await page.evaluate(() => window.recording.uploadLastPart(window.rest));
    await assertArrived(video.videoId, content(6 * MIB));
});

/** What the uploader's documentation promises of a refusal: status, type, title and the raw answer; and no retries. */
async function assertRefused({ video, error }) {
    assert.equal(video, undefined);
    assert.equal(error.status, 401);
    assert.match(error.type, /\/authentication-invalid-upload-token$/);
    assert.equal(typeof error.title, "string");
    assert.equal(JSON.parse(error.raw).name, "token");
    assert.deepEqual((await answered(1)).map(({ status }) => status), [401]);
}

test("an expired token gives the uploader's documented error", async () => {
    const token = await server.token(60);
    await server.advance(62);
    answers.length = 0;
    await assertRefused(await uploadInPage(12 * MIB, { uploadToken: token, chunkSize: 5 * MIB }));
});

test("a deleted token gives the uploader's documented error", async () => {
    const token = await server.token(0);
    assert.equal((await server.call("DELETE", `/upload-tokens/${token}`)).status, 204);
    answers.length = 0;
    await assertRefused(await uploadInPage(12 * MIB, { uploadToken: token, chunkSize: 5 * MIB }));
});

test("an access token that has expired is refreshed by the uploader itself", async () => {
    const session = (await server.call("POST", "/auth/api-key", { apiKey: KEY })).body;
    const video = (await server.call("POST", "/videos", { title: "A container" })).body.videoId;
    await server.advance(3601);
    answers.length = 0;
    const outcome = await uploadInPage(12 * MIB, {
        videoId: video,
        accessToken: session.access_token,
        refreshToken: session.refresh_token,
        chunkSize: 5 * MIB,
    });
    assert.equal(outcome.error, undefined);
    await assertArrived(video, content(12 * MIB));
    const calls = (await answered(5)).map(({ path, status }) => `${path} ${status}`);
    const source = `/videos/${video}/source`;
    assert.deepEqual(calls, [`${source} 401`, "/auth/refresh 200", ...Array(3).fill(`${source} 201`)]);
});
