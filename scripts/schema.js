/** Prints the public schema to schema/supergraph.graphql; with --check only says whether the file is what it would print. */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { printSchema } from 'graphql';
import { build } from './build.js';

await build();
const { composeGraph } = await import('../dist/gateway/compose/compose.js');
const { subgraphs } = await import('../dist/subgraphs/index.js');

const file = fileURLToPath(new URL('../schema/supergraph.graphql', import.meta.url));
const printed = `${printSchema(composeGraph(subgraphs).schema)}\n`;

if (process.argv.includes('--check')) {
  const committed = await readFile(file, 'utf8').catch(() => '');
  if (committed !== printed) {
    process.stderr.write(
      'schema/supergraph.graphql no es el esquema que se sirve: ejecute npm run schema\n',
    );
    process.exitCode = 1;
  }
} else await writeFile(file, printed);
