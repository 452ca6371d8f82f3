// Makes `component/` of what `portcullis component export --out DIRECTORY` wrote: JavaScript that instantiates the
// component, and types for it: `npm run build -- DIRECTORY`.
import { join, resolve } from 'node:path';
import { generateHostTypes, transpile, writeFiles } from '@bytecodealliance/jco-transpile';
import { _setPreopens } from '@bytecodealliance/preview2-shim/filesystem';

const directory = resolve(process.env.INIT_CWD ?? '.', process.argv[2] ?? '.');
const instantiation = 'sync';
const code = await transpile(join(directory, 'portcullis-zpa.component.wasm'), {
  name: 'connector',
  outDir: 'component',
  instantiation,
  // So that a failed call can be told from a fault of the program.
  noComponentErrorWrapping: false,
});

// A component has no documentation in it, its WIT package has: the types of the contract come from there. What reads the
// package is a component as well, and is shown this directory and no other.
_setPreopens({ '/wit': join(directory, 'wit') });
const types = await generateHostTypes('/wit', { worldName: 'connector', outDir: 'component', instantiation });
const documented = Object.entries(types).filter(([name]) => name.includes('/portcullis-directory-'));

await writeFiles({ ...code.files, ...Object.fromEntries(documented) }, false);
