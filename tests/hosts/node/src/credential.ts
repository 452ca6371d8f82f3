// The one thing that the connector cannot do itself: the account's token, put on requests to the account's endpoint. Its
// own requests go nowhere else, and it cannot read the token back.
import { outgoingHandler, types } from '@bytecodealliance/preview2-shim/http';
import type { Fields, OutgoingRequest as Request, RequestOptions } from '@bytecodealliance/preview2-shim/interfaces/wasi-http-types';
import type * as HttpTypes from '../component/interfaces/wasi-http-types.js';
import type * as OutgoingHandler from '../component/interfaces/wasi-http-outgoing-handler.js';

/** `wasi:http` for the connector of one account. */
export interface Http {
  types: typeof HttpTypes;
  outgoingHandler: typeof OutgoingHandler;
}

export function withCredential(endpoint: string, token: string): Http {
  const base = new URL(endpoint.replace(/\/*$/, '/'));
  const credential = new TextEncoder().encode(`Bearer ${token}`);

  class OutgoingRequest extends types.OutgoingRequest {
    readonly #given: Fields;

    constructor(given: Fields) {
      const others = given.entries().filter(([name]) => name.toLowerCase() !== 'authorization');
      super(types.Fields.fromList([...others, ['authorization', credential]]));
      this.#given = given;
    }

    override headers(): Fields {
      return this.#given;
    }
  }

  function handle(request: Request, options: RequestOptions | undefined) {
    if (!isBelow(base, request)) throw { tag: 'HTTP-request-denied' };
    return outgoingHandler.handle(request, options);
  }

  return { types: { ...types, OutgoingRequest }, outgoingHandler: { handle } } as unknown as Http;
}

function isBelow(base: URL, request: Request): boolean {
  const scheme = request.scheme()?.tag === 'HTTP' ? 'http' : 'https';
  // As a server reads it: `URL` resolves `..`, however it is spelled.
  const text = `${scheme}://${request.authority()}${request.pathWithQuery()}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.origin === base.origin && url.pathname.startsWith(base.pathname);
}
