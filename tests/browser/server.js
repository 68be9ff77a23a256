// The reference server as users start it, and the calls that the test makes beside the browser.

import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export const KEY = "a-key-of-the-browser-test";

export class Server {
    /** Starts a server of its own, secured by a certificate that it makes itself. */
    static async start(binary) {
        const server = new Server();
        server.folder = await mkdtemp(join(tmpdir(), "uptake-browser-"));
        const profile = join(server.folder, "target.yaml");
        server.process = spawn(
            binary,
            ["serve", "--tls", "--listen", "127.0.0.1:0", "--api-key", KEY, "--clock", "virtual"].concat([
                "--store", join(server.folder, "store"), "--write-profile", profile,
            ]),
            { stdio: ["ignore", "pipe", "inherit"] },
        );
        server.ended = new Promise((resolve) => server.process.once("exit", resolve));
        const lines = createInterface({ input: server.process.stdout })[Symbol.asyncIterator]();
        server.origin = await said(lines, "listening on ");
        server.control = await said(lines, "control on ");
        server.certificate = await readFile(`${profile}.pem`);
        return server;
    }

    /** Stops it, and gives its exit code. */
    async stop() {
        this.process.kill("SIGTERM");
        const code = await this.ended;
        await rm(this.folder, { recursive: true });
        return code;
    }

    /** A call with the API key; the server's certificate is trusted because its profile names it, not blindly. */
    async call(method, path, body) {
        const headers = { authorization: `Basic ${Buffer.from(`${KEY}:`).toString("base64")}` };
        const options = { method, headers, ca: this.certificate };
        return answer(https.request(`${this.origin}${path}`, options), body);
    }

    async token(ttl) {
        return (await this.call("POST", "/upload-tokens", { ttl })).body.token;
    }

    async status(video) {
        return (await this.call("GET", `/videos/${video}/status`)).body.ingest;
    }

    /** What arrived of a video, by the control surface. */
    async arrived(video) {
        return (await answer(http.request(`${this.control}/uploads/${video}`))).body;
    }

    async advance(seconds) {
        const moved = await answer(http.request(`${this.control}/clock/advance`, { method: "POST" }), { seconds });
        if (moved.status !== 200) throw new Error(`the clock was not moved: ${moved.status}`);
    }
}

async function said(lines, what) {
    const { value: line } = await lines.next();
    if (!line?.startsWith(what)) throw new Error(`the server said: ${line}`);
    return line.slice(what.length);
}

function answer(request, body) {
    return new Promise((resolve, reject) => {
        request.once("error", reject);
        request.once("response", async (response) => {
            const chunks = await response.toArray();
            const text = Buffer.concat(chunks).toString();
            resolve({ status: response.statusCode, body: text === "" ? null : JSON.parse(text) });
        });
        request.end(body === undefined ? undefined : JSON.stringify(body));
    });
}
