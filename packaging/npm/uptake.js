#!/usr/bin/env node
// Runs the binary of the platform package that npm has installed beside this one.
'use strict';

const { spawn } = require('node:child_process');

const name = `@uptake/${process.platform}-${process.arch}`;
const file = process.platform === 'win32' ? 'uptake.exe' : 'uptake';

function binary() {
  try {
    return require.resolve(`${name}/${file}`);
  } catch {
    console.error(`uptake: the package ${name} is not installed. If there is one for this platform, install uptake again without`);
    console.error('--omit=optional; otherwise, build uptake with Cargo.');
    process.exit(3);
  }
}

const child = spawn(binary(), process.argv.slice(2), { stdio: 'inherit' });

// The binary decides what a signal does. The terminal sends Ctrl-C to both processes, and a second one would end the run at once, so it
// is passed on only where there is no terminal.
const handlers = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => {
  const handler = () => {
    if (signal === 'SIGTERM' || !process.stdin.isTTY) child.kill(signal);
  };
  process.on(signal, handler);
  return [signal, handler];
});

child.on('error', (error) => {
  console.error(`uptake: cannot run ${name}: ${error.message}`);
  process.exit(3);
});

child.on('exit', (code, signal) => {
  for (const [name, handler] of handlers) process.off(name, handler);
  if (signal) process.kill(process.pid, signal);
  else process.exit(code);
});
