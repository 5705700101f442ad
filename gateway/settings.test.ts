import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AdapterDeclaration } from './settings.js';
import { describeSettings, readSettings, SettingsError } from './settings.js';

const adapters: readonly AdapterDeclaration[] = [
  {
    id: 'piip',
    settings: [
      {
        name: 'PIIP_BASE_URL',
        kind: 'url',
        default: 'https://piip.example',
        meaning: 'Dirección.',
      },
      { name: 'PIIP_APP_TOKEN', kind: 'text', meaning: 'Token.', secret: true },
      { name: 'PIIP_PAGINA', kind: 'int', default: '50', meaning: 'Filas.' },
    ],
  },
];
const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    readSettings(env, adapters);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
};

describe('the settings', () => {
  it('have a default for everything', () => {
    expect(readSettings({}, adapters)).toMatchObject({
      port: 4000,
      host: '127.0.0.1',
      databaseUrl: null,
      redisUrl: null,
      introspection: true,
      adapters: { piip: { given: false, values: { PIIP_BASE_URL: 'https://piip.example' } } },
    });
  });

  it('name everything that is wrong, at once', () => {
    const problems = problemsOf({
      PORT: 'ochenta',
      REDIS_URL: 'no es url',
      SUGIT_INTROSPECCION: 'quizás',
      SUGIT_PLAZO: '10',
      PIIP_BASE_URL: 'ftp://piip',
      PIIP_PAGINA: '-1',
    });

    expect(problems.map((problem) => problem.split(':')[0]).sort()).toEqual([
      'PIIP_BASE_URL',
      'PIIP_PAGINA',
      'PORT',
      'REDIS_URL',
      'SUGIT_INTROSPECCION',
      'SUGIT_PLAZO',
    ]);
  });

  it('name what is wrong in the file of the tokens among the rest, and nothing that it says', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'sugit-settings-'));
    const withFile = async (name: string, text: string) => {
      const file = path.join(folder, name);
      await writeFile(file, text);
      return problemsOf({ PORT: 'ochenta', SUGIT_TOKENS_FILE: file });
    };
    const absent = problemsOf({ SUGIT_TOKENS_FILE: path.join(folder, 'nada'), PORT: 'ochenta' });
    const text = await withFile('texto.json', 'tokens: secreto-5');
    const roles = await withFile(
      'roles.json',
      JSON.stringify({
        tokens: [
          { token: 'secreto-6', persona: 'Ana', rol: 'jefe' },
          { token: 'corto', persona: '', rol: 'control' },
        ],
      }),
    );

    expect(absent).toEqual([
      expect.stringContaining('PORT'),
      'SUGIT_TOKENS_FILE: no se puede leer como JSON.',
    ]);
    expect(text).toEqual(absent);
    expect(roles.map((problem) => problem.split(': ').slice(0, 2).join(' '))).toEqual([
      expect.stringContaining('PORT'),
      'SUGIT_TOKENS_FILE tokens.0.rol',
      'SUGIT_TOKENS_FILE tokens.1.token',
      'SUGIT_TOKENS_FILE tokens.1.persona',
    ]);
    expect([...text, ...roles].join()).not.toMatch(/secreto|jefe/);
    await rm(folder, { recursive: true });
  });

  it('know that no port is beyond 65535', () => {
    expect(problemsOf({ PORT: '65536' })).toHaveLength(1);
    expect(problemsOf({ PORT: '65535' })).toEqual([]);
  });

  it('take an empty value for none', () => {
    expect(readSettings({ PORT: '', PIIP_BASE_URL: '' }, adapters)).toMatchObject({
      port: 4000,
      adapters: { piip: { given: false } },
    });
  });

  it('tell a source that was given from one that has its default', () => {
    expect(
      readSettings({ PIIP_BASE_URL: 'http://localhost:9' }, adapters).adapters['piip']?.given,
    ).toBe(true);
  });

  it('read a secret from the file that its _FILE names, and say when they cannot', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'sugit-settings-'));
    await writeFile(path.join(folder, 'token'), 'abc123\n');
    const read = readSettings({ PIIP_APP_TOKEN_FILE: path.join(folder, 'token') }, adapters);

    expect(read.adapters['piip']?.values['PIIP_APP_TOKEN']).toBe('abc123');
    expect(problemsOf({ PIIP_APP_TOKEN_FILE: path.join(folder, 'nada') })).toEqual([
      'PIIP_APP_TOKEN_FILE: no se puede leer el archivo.',
    ]);
    await rm(folder, { recursive: true });
  });

  it('are shown without their secrets, each once', () => {
    const shown = describeSettings(
      {
        PIIP_APP_TOKEN: 'secreto-1',
        DATABASE_URL: 'postgres://u:secreto-2@h/d',
        SUGIT_TOKEN: 'secreto-3',
      },
      [...adapters, { ...(adapters[0] as AdapterDeclaration), id: 'otro' }],
    );

    expect(JSON.stringify(shown)).not.toContain('secreto');
    expect(shown.find(({ nombre }) => nombre === 'PIIP_APP_TOKEN')?.valor).toBe('(oculto)');
    expect(shown.filter(({ nombre }) => nombre === 'PIIP_PAGINA')).toHaveLength(1);
  });
});

describe('the command', () => {
  const bin = fileURLToPath(new URL('../bin/sugit.js', import.meta.url));
  const run = (env: Record<string, string>, ...args: string[]) =>
    new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
      execFile(
        process.execPath,
        [bin, ...args],
        { env: { PATH: process.env['PATH'], ...env } },
        (error, stdout, stderr) => {
          resolve({ code: error === null ? 0 : error.code, stdout, stderr });
        },
      );
    });

  it('ends with 2 and names every wrong setting', async () => {
    const { code, stdout, stderr } = await run(
      { PORT: 'x', SUGIT_PLAZO_MS: 'y', SUGIT_NADA: '1', SUGIT_TOKENS_FILE: 'no-hay.json' },
      'start',
    );

    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/PORT[\s\S]*SUGIT_TOKENS_FILE[\s\S]*SUGIT_PLAZO_MS[\s\S]*SUGIT_NADA/);
  });

  it('shows the settings on standard output without secrets', async () => {
    const { code, stdout } = await run({ SUGIT_TOKEN: 'secreto-4' }, 'config', '--json');

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toContainEqual(
      expect.objectContaining({ nombre: 'SUGIT_TOKEN', valor: '(oculto)' }),
    );
    expect(stdout).not.toContain('secreto-4');
  });
});
