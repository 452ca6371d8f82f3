// Reads and changes a user directory through the connector: `node build/main.js`, with the account's endpoint in
// `PORTCULLIS_ENDPOINT` and its token in `PORTCULLIS_TOKEN`. `npm run build -- DIRECTORY` comes first.
import type { Change, UserPage } from '../component/interfaces/portcullis-directory-user-directory.js';
import { Directory, DirectoryError } from './directory.js';

const { PORTCULLIS_ENDPOINT: endpoint, PORTCULLIS_TOKEN: token } = process.env;
if (!endpoint || !token) throw new Error('set `PORTCULLIS_ENDPOINT` and `PORTCULLIS_TOKEN`');
const directory = new Directory({ endpoint }, token);

const pages: UserPage[] = [];
let cursor: string | undefined;
do {
  const page = await directory.call('listUsers', cursor, 2, { remoteData: true });
  pages.push(page);
  cursor = page.nextCursor;
} while (cursor !== undefined);

const error = await directory.call('getUser', 'nobody', {}).then(
  () => undefined,
  (failure) => {
    if (failure instanceof DirectoryError && failure.error.kind === 'not-found') return failure.error;
    throw failure;
  },
);

const text = (field: string, val: string): Change => ({ field, value: { tag: 'text', val } });
const joiner = await directory.call('createUser', [text('username', 'joiner@acme.example')], {});
const promoted = await directory.call('updateUser', joiner.id, [text('title', 'Analyst')], { verify: true });
await directory.call('deleteUser', joiner.id, {});
const written = [joiner.username, promoted?.title];

const description = await directory.call('describe');
console.log(JSON.stringify({ description, pages, error, written }));
await directory.close();
