// The thread that the connector runs in: a call blocks until the vendor has answered.
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { error, poll, streams } from '@bytecodealliance/preview2-shim/io';
import { instantiate } from '../component/connector.js';
import { withCredential } from './credential.js';
import type { Call, Outcome, Start } from './directory.js';

const { account, token } = workerData as Start;
const http = withCredential(account.endpoint, token);

function coreModule(name: string): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(new URL(`../component/${name}`, import.meta.url)));
}

// A fresh instance a call costs little and remembers nothing.
const modules = new Map<string, WebAssembly.Module>();
function fresh() {
  const module = (name: string) => {
    const known = modules.get(name) ?? coreModule(name);
    modules.set(name, known);
    return known;
  };
  // The code looks them up without the versions that the types have.
  const imports: unknown = {
    'wasi:http/types': http.types,
    'wasi:http/outgoing-handler': http.outgoingHandler,
    'wasi:io/error': error,
    'wasi:io/poll': poll,
    'wasi:io/streams': streams,
  };
  const { userDirectory, vendorApi, descriptor } = instantiate(module, imports as Parameters<typeof instantiate>[1]);
  return { ...userDirectory, ...vendorApi, ...descriptor } as Record<string, (...args: unknown[]) => unknown>;
}

function outcome({ name, args }: Call): Outcome {
  try {
    return { value: fresh()[name]?.(account, ...args) };
  } catch (thrown) {
    // A failed call throws a `ComponentError`, which carries the error of the contract in `payload`.
    if (thrown instanceof Error && 'payload' in thrown) return { error: thrown.payload } as Outcome;
    throw thrown;
  }
}

parentPort?.on('message', (call: Call) => parentPort?.postMessage({ id: call.id, ...outcome(call) }));
