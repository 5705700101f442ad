/** Writes the table of settings of README.md from their declarations; with --check only says whether it is up to date. */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { build } from './build.js';

await build();
const { ADAPTERS } = await import('../dist/adapters/index.js');
const { describeSettings } = await import('../dist/gateway/settings.js');

const file = fileURLToPath(new URL('../README.md', import.meta.url));
const [start, end] = ['<!-- configuracion:inicio -->', '<!-- configuracion:fin -->'];
const rows = describeSettings({}, ADAPTERS).map(
  ({ nombre, valor, significado }) =>
    `| \`${nombre}\` | ${valor === '' ? '' : `\`${valor}\``} | ${significado} |`,
);
const table = ['| Variable | Por defecto | Significado |', '| --- | --- | --- |', ...rows].join(
  '\n',
);
const before = await readFile(file, 'utf8');
const at = before.indexOf(start) + start.length;
const drawn = `${before.slice(0, at)}\n\n${table}\n\n${before.slice(before.indexOf(end))}`;
const after = await format(drawn, { parser: 'markdown', printWidth: 100, singleQuote: true });

if (process.argv.includes('--check')) {
  if (after !== before) {
    process.stderr.write(
      'README.md: la tabla de configuración no está al día: ejecute npm run readme\n',
    );
    process.exitCode = 1;
  }
} else await writeFile(file, after);
