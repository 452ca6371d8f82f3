// Reads and changes a user directory through the connector: `node directory.mjs ENDPOINT`.
// `npm run transpile -- portcullis-zpa.component.wasm` makes the module that is imported here.
import { descriptor, userDirectory } from './component/connector.js';

const account = { endpoint: process.argv[2] };

const pages = [];
let cursor;
do {
  const page = userDirectory.listUsers(account, cursor, 2, { remoteData: true });
  pages.push(page);
  cursor = page.nextCursor;
} while (cursor !== undefined);

let error;
try {
  userDirectory.getUser(account, 'nobody', {});
} catch (thrown) {
  // A failed call throws a ComponentError, which carries the error of the contract in `payload`.
  if (thrown.payload === undefined) throw thrown;
  error = thrown.payload;
}

const text = (field, val) => ({ field, value: { tag: 'text', val } });
const joiner = userDirectory.createUser(account, [text('username', 'joiner@acme.example')], {});
const promoted = userDirectory.updateUser(account, joiner.id, [text('title', 'Analyst')], { verify: true });
userDirectory.deleteUser(account, joiner.id, {});
const written = [joiner.username, promoted.title];

console.log(JSON.stringify({ description: descriptor.describe(account), pages, error, written }));
