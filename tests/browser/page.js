// The page that a front-end team would write, on an origin of its own, and what runs in it.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import http from "node:http";
import { createRequire } from "node:module";
import { once } from "node:events";

const UPLOADER = createRequire(import.meta.url).resolve("@api.video/video-uploader");

/** Serves a page with the vendor's uploader in it, and nothing else. */
export async function servePage() {
    const script = await readFile(UPLOADER);
    const server = http.createServer((request, response) => {
        if (request.url === "/uploader.js") {
            response.setHeader("content-type", "text/javascript");
            response.end(script);
        } else {
            response.setHeader("content-type", "text/html");
            response.end('<!doctype html><title>A page</title><script src="/uploader.js"></script>');
        }
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return { origin: `http://127.0.0.1:${server.address().port}`, stop: () => server.close() };
}

/** The bytes of a file, in the page and here alike. */
export function content(length) {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at++) bytes[at] = (at * 31) ^ (at >>> 9);
    return bytes;
}

export function sum(bytes) {
    return createHash("sha256").update(bytes).digest("hex");
}

/** In the page: uploads a file whose bytes `content` makes; gives the video or the error, and the progress. */
export async function upload({ makeContent, length, options }) {
    const content = new Function(`return ${makeContent}`)();
    const file = new File([content(length)], "film.mp4");
    const uploader = new window.VideoUploader({ file, ...options });
    const progress = [];
    uploader.onProgress((event) => progress.push(event));
    try {
        return { video: await uploader.upload(), progress };
    } catch (error) {
        return { error, progress };
    }
}

/** In the page: uploads blobs as they are recorded, the number of parts being open until the last one. */
export async function record({ makeContent, blobs, options }) {
    const content = new Function(`return ${makeContent}`)();
    const whole = content(blobs.reduce((sum, length) => sum + length, 0));
    const uploader = new window.ProgressiveUploader(options);
    const progress = [];
    uploader.onProgress((event) => progress.push(event));
    let from = 0;
    let video;
    for (const [index, length] of blobs.entries()) {
        const blob = new Blob([whole.subarray(from, from + length)]);
        from += length;
        const isLast = index === blobs.length - 1;
        video = await (isLast ? uploader.uploadLastPart(blob) : uploader.uploadPart(blob)) ?? video;
    }
    return { video, progress };
}
