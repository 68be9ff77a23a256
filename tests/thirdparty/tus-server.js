// Starts @tus/server with @tus/file-store on the port of its argument or a free one of loopback, and prints its URL. It ends with its
// standard input, and by SIGTERM.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';

const directory = mkdtempSync(join(tmpdir(), 'tus-server-'));
const tus = new Server({
  path: '/files',
  maxSize: 64 * 1024 * 1024,
  datastore: new FileStore({ directory, expirationPeriodInMilliseconds: 60 * 60 * 1000 }),
});
const server = createServer((request, response) => tus.handle(request, response));
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));

const end = () => {
  rmSync(directory, { recursive: true, force: true });
  process.exit(0);
};
process.on('SIGTERM', end);
process.stdin.resume();
process.stdin.on('end', end);
