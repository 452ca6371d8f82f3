// An account's directory for an event loop: every function of the contract as a promise. One thread serves an account,
// one call after another; a service starts several.
import { Worker } from 'node:worker_threads';
import type * as Descriptor from '../component/interfaces/portcullis-directory-descriptor.js';
import type { Account, Error as ContractError } from '../component/interfaces/portcullis-directory-types.js';
import type * as UserDirectory from '../component/interfaces/portcullis-directory-user-directory.js';
import type * as VendorApi from '../component/interfaces/portcullis-directory-vendor-api.js';

type Functions = typeof UserDirectory & typeof VendorApi & typeof Descriptor;
type Name = keyof Functions;
/** Its arguments behind the account, which the directory knows. */
type Arguments<N extends Name> = Parameters<Functions[N]> extends [unknown, ...infer Rest] ? Rest : [];

export interface Start {
  account: Account;
  token: string;
}

export interface Call {
  id: number;
  name: Name;
  args: unknown[];
}

export type Outcome = { value?: unknown; error?: ContractError };

/** A call that failed, with what the contract says of it: its kind, and what was changed. */
export class DirectoryError extends Error {
  constructor(readonly error: ContractError) {
    super(error.message);
  }
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

export class Directory {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;

  constructor(account: Account, token: string) {
    const start: Start = { account, token };
    this.#worker = new Worker(new URL('worker.js', import.meta.url), { workerData: start });
    this.#worker.on('message', ({ id, value, error }: Outcome & { id: number }) => {
      const call = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) call?.reject(new DirectoryError(error));
      else call?.resolve(value);
    });
    // A trap of the connector ends the thread, and what waits for it.
    this.#worker.on('error', (error) => {
      for (const call of this.#waiting.values()) call.reject(error);
      this.#waiting.clear();
    });
  }

  call<N extends Name>(name: N, ...args: Arguments<N>): Promise<ReturnType<Functions[N]>> {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      this.#worker.postMessage({ id, name, args } satisfies Call);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
