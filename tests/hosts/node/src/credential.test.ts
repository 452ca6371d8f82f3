import assert from 'node:assert/strict';
import { test } from 'node:test';
import { types } from '@bytecodealliance/preview2-shim/http';
import type { OutgoingRequest } from '@bytecodealliance/preview2-shim/interfaces/wasi-http-types';
import { withCredential } from './credential.js';

const endpoint = 'http://127.0.0.1:9/scim/1/7/v2';

function request(authority: string, path: string) {
  const http = withCredential(endpoint, 'a-token');
  const headers = types.Fields.fromList([['accept', new TextEncoder().encode('application/scim+json')]]);
  const request = new http.types.OutgoingRequest(headers as never) as unknown as OutgoingRequest;
  request.setScheme({ tag: 'HTTP' });
  request.setAuthority(authority);
  request.setPathWithQuery(path);
  return { send: () => http.outgoingHandler.handle(request as never, undefined), request };
}

test('the connector does not read the token back', () => {
  const names = request('127.0.0.1:9', '/scim/1/7/v2/Users').request.headers().entries().map(([name]) => name);
  assert.deepEqual(names, ['accept']);
});

test('nothing leaves but to the endpoint of the account', () => {
  for (const [authority, path] of [
    ['127.0.0.1:10', '/scim/1/7/v2/Users'],
    ['127.0.0.2:9', '/scim/1/7/v2/Users'],
    ['127.0.0.1:9', '/scim/1/8/v2/Users'],
    ['127.0.0.1:9', '/scim/1/7/v2x'],
    ['127.0.0.1:9', '/scim/1/7/v2/../../8/v2/Users'],
    ['127.0.0.1:9', '/scim/1/7/v2/%2e%2e/Users'],
  ] as const) {
    assert.throws(request(authority, path).send, { tag: 'HTTP-request-denied' }, `${authority}${path}`);
  }
});
