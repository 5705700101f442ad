import { describe, expect, it } from '@jest/globals';
import { ESLint } from 'eslint';
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ADAPTERS } from '../adapters/index.js';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const FOLDERS = ['schema', 'adapters', 'subgraphs', 'gateway', 'sandbox', 'tests'] as const;
const SKIPPED = new Set(['node_modules', 'dist', 'peers', 'graphiql']);

function* walk(folder: string): Generator<string> {
  for (const entry of readdirSync(path.join(ROOT, folder), { withFileTypes: true })) {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!SKIPPED.has(entry.name)) yield* walk(name);
    } else if (name.endsWith('.ts')) yield name;
  }
}

interface Import {
  readonly from: string;
  /** A file of the project, or the name of a package. */
  readonly to: string;
  readonly typeOnly: boolean;
}

const FROM = /(?:^|\n)\s*(import|export)\s+(type\s)?[^;'"]*?from\s+'([^']+)'/g;
const BARE = /(?:^|\n)\s*import\s+'([^']+)'|\bimport\('([^']+)'\)/g;

function importsOf(file: string, text: string): Import[] {
  const at = (specifier: string): string =>
    specifier.startsWith('.')
      ? path.posix
          .normalize(path.posix.join(path.posix.dirname(file), specifier))
          .replace(/\.js$/, '.ts')
      : specifier;
  return [
    ...[...text.matchAll(FROM)].map(([, , type, specifier]) => ({
      from: file,
      to: at(specifier ?? ''),
      typeOnly: type !== undefined,
    })),
    ...[...text.matchAll(BARE)].map(([, bare, dynamic]) => ({
      from: file,
      to: at(bare ?? dynamic ?? ''),
      typeOnly: false,
    })),
  ];
}

const files = FOLDERS.flatMap((folder) => [...walk(folder)]);
const texts = new Map(files.map((file) => [file, readFileSync(path.join(ROOT, file), 'utf8')]));
const isTest = (file: string): boolean => /\.test\.ts$/.test(file) || file.startsWith('tests/');
/** Helpers of the tests of a folder lie beside them. */
const isTesting = (file: string): boolean =>
  isTest(file) || /(^|\/|-)testing[-.]/.test(file) || file.includes('/fixtures/');
const imports = [...texts].flatMap(([file, text]) => importsOf(file, text));
const ofProject = imports.filter(({ from }) => !isTesting(from));

const folderOf = (file: string): string => file.split('/')[0] ?? '';
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  schema: ['schema'],
  adapters: ['adapters', 'schema'],
  subgraphs: ['subgraphs', 'adapters', 'schema'],
  gateway: ['gateway', 'subgraphs', 'adapters', 'schema'],
  sandbox: ['sandbox', 'schema'],
};
const systemOf = (file: string): string | null =>
  /^adapters\/(?!shared\/)([^/]+)\//.exec(file)?.[1] ?? null;

describe('imports of the project', () => {
  it('are found at all', () => {
    expect(imports.length).toBeGreaterThan(300);
    expect(ofProject.filter(({ to }) => to.startsWith('schema/')).length).toBeGreaterThan(50);
  });

  it('point one way: schema ← adapters ← subgraphs ← gateway ← tests', () => {
    const wrong = ofProject.filter(
      ({ from, to }) =>
        FOLDERS.some((folder) => to.startsWith(`${folder}/`)) &&
        !(ALLOWED[folderOf(from)] ?? []).includes(folderOf(to)),
    );

    expect(wrong).toEqual([]);
  });

  it('never lead from one system to another', () => {
    const wrong = ofProject.filter(({ from, to }) => {
      const [own, other] = [systemOf(from), systemOf(to)];
      return own !== null && other !== null && own !== other;
    });

    expect(wrong).toEqual([]);
  });

  it('name a system outside its folder only in the line that registers it', () => {
    const outside = ofProject.filter(
      ({ from, to }) => systemOf(to) !== null && systemOf(from) === null,
    );

    expect(outside.map(({ from }) => from).filter((from) => from !== 'adapters/index.ts')).toEqual(
      [],
    );
    expect(outside.map(({ to }) => to).sort()).toEqual(
      [...new Set(outside.map(({ to }) => to))].sort(),
    );
    expect(outside.every(({ to }) => to.endsWith('/index.ts'))).toBe(true);
  });

  it('of tests lie beside the system that they name, so that both go away together', () => {
    const retirable = imports.filter(
      ({ from, to }) => systemOf(to) === 'fut' && systemOf(from) !== 'fut' && isTesting(from),
    );

    expect(retirable).toEqual([]);
  });

  it('bring no GraphQL into an adapter nor into the shared language', () => {
    const wrong = ofProject.filter(
      ({ from, to }) =>
        /^(adapters|schema)\//.test(from) && /^(graphql$|@graphql-tools\/|@apollo\/)/.test(to),
    );

    expect(wrong).toEqual([]);
  });

  it('show subgraphs nothing of adapters but the contract and its errors', () => {
    const wrong = ofProject.filter(
      ({ from, to }) =>
        from.startsWith('subgraphs/') &&
        to.startsWith('adapters/') &&
        !/^adapters\/(contract|errors)\.ts$/.test(to),
    );

    expect(wrong).toEqual([]);
  });

  it('run in no circle', () => {
    const next = new Map<string, string[]>();
    for (const { from, to, typeOnly } of ofProject) {
      if (!typeOnly && texts.has(to)) next.set(from, [...(next.get(from) ?? []), to]);
    }
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, way: readonly string[]): void => {
      if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' → '));
      if (done.has(file) || way.includes(file)) return;
      for (const target of next.get(file) ?? []) visit(target, [...way, file]);
      done.add(file);
    };
    for (const file of next.keys()) visit(file, []);

    expect(circles).toEqual([]);
  });

  it('find every file they name', () => {
    const missing = imports.filter(
      ({ to }) =>
        /^(schema|adapters|subgraphs|gateway|sandbox|tests)\/.*\.ts$/.test(to) && !texts.has(to),
    );

    expect(missing).toEqual([]);
  });
});

describe('the house', () => {
  it('reads the environment in one place', () => {
    const readers = [...texts]
      .filter(
        ([file, text]) => !isTesting(file) && /\bprocess\.env\b|\bprocess\['env'\]/.test(text),
      )
      .map(([file]) => file);

    // The sandbox is a process of its own and has settings of its own.
    expect(readers.filter((file) => !file.startsWith('sandbox/'))).toEqual(['gateway/settings.ts']);
  });

  it('gives each copy of a source context a signal of its own', () => {
    // Its signal is made when it is looked at, so a spread leaves it behind.
    const copies = [...texts].flatMap(([file, text]) =>
      isTesting(file)
        ? []
        : [...text.matchAll(/\{\s*\.\.\.(?:unpaid\()?ctx\b[^}]*\}/g)].map(([copy]) => ({
            file,
            copy,
          })),
    );

    expect(copies.length).toBeGreaterThan(0);
    expect(copies.filter(({ copy }) => !/\bsignal\b/.test(copy))).toEqual([]);
  });

  it('registers every folder of a system, once, under its own name', () => {
    const systems = readdirSync(path.join(ROOT, 'adapters'))
      .filter(
        (name) => name !== 'shared' && statSync(path.join(ROOT, 'adapters', name)).isDirectory(),
      )
      .filter((name) => texts.has(`adapters/${name}/index.ts`));
    const index = texts.get('adapters/index.ts') ?? '';

    for (const system of systems) {
      expect([system, index.split(`'./${system}/index.js'`).length - 1]).toEqual([system, 1]);
    }
    expect(ADAPTERS.map(({ id }) => id).sort()).toEqual(
      [...new Set(ADAPTERS.map(({ id }) => id))].sort(),
    );
  });

  it('keeps each registro with one system', () => {
    const sources = ADAPTERS.filter(({ isRecordStore }) => isRecordStore !== true);
    const names = sources.flatMap(({ registros }) => registros.map(({ nombre }) => nombre));

    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  it('declares a setting alike wherever two adapters read one source', () => {
    const formsOf = new Map<string, Set<string>>();
    for (const { name, kind, default: byDefault } of ADAPTERS.flatMap(({ settings }) => settings)) {
      formsOf.set(name, (formsOf.get(name) ?? new Set()).add(`${kind} ${byDefault ?? ''}`));
    }

    expect([...formsOf].filter(([, forms]) => forms.size > 1)).toEqual([]);
  });

  it('has no file of more than 350 lines but lists of cases', () => {
    const long = [...texts]
      .filter(([file]) => !isTesting(file))
      .filter(([, text]) => text.split('\n').length > 351)
      .map(([file]) => file);

    expect(long).toEqual([]);
  });

  it('has no drawer for what has no name', () => {
    expect(
      files.filter((file) => /(^|\/)(utils?|helpers?|common|misc|manager)\.ts$/.test(file)),
    ).toEqual([]);
  });

  it('loads one copy of graphql', () => {
    const from = (name: string): string =>
      realpathSync(
        createRequire(realpathSync(createRequire(path.join(ROOT, 'x.js')).resolve(name))).resolve(
          'graphql',
        ),
      );
    const users = [
      '@apollo/server',
      '@graphql-tools/stitch',
      '@graphql-tools/delegate',
      '@graphql-tools/schema',
    ];
    const copies = new Set([
      realpathSync(createRequire(path.join(ROOT, 'x.js')).resolve('graphql')),
      ...users.map(from),
    ]);

    expect([...copies].map((file) => path.relative(ROOT, file))).toHaveLength(1);
  });
});

describe('lint', () => {
  // Rules that need types are not asked here: only the arrows.
  const eslint = new ESLint({
    cwd: ROOT,
    ruleFilter: ({ ruleId }) =>
      ['no-restricted-imports', 'no-restricted-properties'].includes(ruleId),
  });
  const problemsOf = async (file: string, code: string): Promise<(string | null)[]> => {
    const [result] = await eslint.lintText(code, { filePath: path.join(ROOT, file) });
    return [...new Set((result?.messages ?? []).map(({ ruleId }) => ruleId))];
  };
  const importing = (specifier: string): string => `import { x } from '${specifier}';\nx();\n`;

  it.each([
    ['schema/registro.ts', '../adapters/contract.js', './key.js'],
    ['adapters/errors.ts', '../gateway/settings.js', './contract.js'],
    ['adapters/cuipo/index.ts', '../sigep/index.js', '../shared/tools.js'],
    ['adapters/cuipo/index.ts', '../../gateway/settings.js', '../../schema/key.js'],
    ['adapters/cuipo/index.ts', 'graphql', 'undici'],
    ['adapters/shared/tools.ts', '../cuipo/index.js', '../contract.js'],
    ['adapters/shared/tools.ts', '@graphql-tools/utils', './settings.js'],
    ['subgraphs/finanzas/index.ts', '../territorio/index.js', '../shared/entities.js'],
    ['subgraphs/finanzas/index.ts', '../../adapters/index.js', '../../adapters/contract.js'],
    ['gateway/graph.ts', '../adapters/cuipo/index.js', '../adapters/index.js'],
    ['gateway/rows/flight.ts', '../../subgraphs/finanzas/index.js', '../../subgraphs/subgraph.js'],
    ['gateway/serve/server.ts', '../../sandbox/main.js', '../gateway.js'],
    ['sandbox/main.ts', '../adapters/shared/soda/soql.js', './systems/index.js'],
  ])('refuses in %s an import of %s, and takes one of %s', async (file, bad, good) => {
    expect(await problemsOf(file, importing(bad))).toEqual(['no-restricted-imports']);
    expect(await problemsOf(file, importing(good))).toEqual([]);
  });

  it('refuses process.env everywhere but in the settings', async () => {
    const code = 'export const port = process.env.PORT;\n';

    expect(await problemsOf('gateway/graph.ts', code)).toEqual(['no-restricted-properties']);
    expect(await problemsOf('gateway/settings.ts', code)).toEqual([]);
  });
});
