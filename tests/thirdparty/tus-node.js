// Starts @tus/server with @tus/file-store on a free port of loopback, and prints the URL at which uploads are made. It ends with its
// standard input.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';

const directory = mkdtempSync(join(tmpdir(), 'tus-node-'));
const tus = new Server({
  path: '/files',
  maxSize: 64 * 1024 * 1024,
  datastore: new FileStore({ directory, expirationPeriodInMilliseconds: 60 * 60 * 1000 }),
});
const server = createServer((request, response) => tus.handle(request, response));
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));

process.stdin.resume();
process.stdin.on('end', () => {
  rmSync(directory, { recursive: true, force: true });
  process.exit(0);
});
