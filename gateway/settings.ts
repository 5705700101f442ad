import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { es } from 'zod/locales';
import type { Saldo } from '../adapters/contract.js';
import type { SettingDeclaration, SettingValues } from '../adapters/index.js';
import { readTokensFile } from './access/tokens-file.js';
import type { Politica } from './route/politica.js';
import { POLITICAS, POLITICA_ESTRICTA } from './route/politica.js';

z.config(es());

/** The gateway's own settings. Each adapter declares its own beside it; the README table is printed from all of them. */
export const GATEWAY_SETTINGS = [
  {
    name: 'PORT',
    kind: 'int',
    default: '4000',
    meaning: 'Puerto del servicio; 0 elige uno libre.',
  },
  { name: 'HOST', kind: 'text', default: '127.0.0.1', meaning: 'Dirección en la que escucha.' },
  {
    name: 'SUGIT_DATA_DIR',
    kind: 'dir',
    default: '.sugit',
    meaning: 'Carpeta del estado: almacén, acopio y sandbox.',
  },
  {
    name: 'SUGIT_ARCHIVE_DIR',
    kind: 'dir',
    meaning:
      'Carpeta con archivos de tramos retirados; un almacén que no los conoce los toma al arrancar y los responde.',
  },
  {
    name: 'DATABASE_URL',
    kind: 'text',
    meaning: 'PostgreSQL 15 o posterior; sin ella, PGlite en SUGIT_DATA_DIR.',
    secret: true,
  },
  {
    name: 'REDIS_URL',
    kind: 'url',
    meaning: 'Redis para el caché compartido; sin ella, memoria.',
    secret: true,
  },
  {
    name: 'SUGIT_TOKENS_FILE',
    kind: 'text',
    meaning: 'Archivo JSON que da a cada token su persona y su rol.',
  },
  { name: 'SUGIT_TOKEN', kind: 'text', meaning: 'Token que envía el comando sugit.', secret: true },
  {
    name: 'SUGIT_CACHE_TTL_S',
    kind: 'int',
    default: '60',
    meaning: 'Segundos que valen una fila en el caché y la respuesta hecha con ella; 0 lo apaga.',
  },
  {
    name: 'SUGIT_CACHE_FILAS',
    kind: 'int',
    default: '2000000',
    meaning: 'Filas que caben en el caché de memoria.',
  },
  {
    name: 'SUGIT_CACHE_SECRETO',
    kind: 'text',
    meaning: 'Sella lo guardado en Redis; el mismo en todos los servicios que lo comparten.',
    secret: true,
  },
  {
    name: 'SUGIT_PLAZO_MS',
    kind: 'int',
    default: '20000',
    meaning: 'Plazo total de una consulta; llega a cada fuente.',
  },
  {
    name: 'SUGIT_MAX_LLAMADAS',
    kind: 'int',
    default: '200',
    meaning: 'Peticiones HTTP y aperturas de archivo que una consulta puede costar a las fuentes.',
  },
  {
    name: 'SUGIT_MAX_MB',
    kind: 'int',
    default: '128',
    meaning: 'MB que una consulta puede traer de las fuentes, ya descomprimidos.',
  },
  {
    name: 'SUGIT_INTROSPECCION',
    kind: 'bool',
    default: 'true',
    meaning: 'Permite la introspección del esquema.',
  },
  {
    name: 'SUGIT_SANDBOX',
    kind: 'bool',
    default: 'true',
    meaning: 'Arranca el sandbox para las fuentes sin configurar.',
  },
  {
    name: 'SUGIT_CALENTAMIENTO',
    kind: 'bool',
    default: 'true',
    meaning: 'Lee de fondo, tras arrancar, lo que las primeras consultas esperarían.',
  },
  {
    name: 'SUGIT_POLITICA',
    kind: 'text',
    default: POLITICA_ESTRICTA.nombre,
    meaning: `Política de las compuertas del desmonte: ${Object.keys(POLITICAS).join(' o ')}.`,
  },
] as const satisfies readonly SettingDeclaration[];

export interface Settings {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  /** Archives of retired tramos, for a store that does not know them. */
  readonly archiveDir: string | null;
  readonly databaseUrl: string | null;
  readonly redisUrl: string | null;
  readonly tokensFile: string | null;
  readonly token: string | null;
  readonly cacheTtlMs: number;
  readonly cacheRows: number;
  readonly cacheSecret: string | null;
  readonly deadlineMs: number;
  /** What one operation may cost its sources. */
  readonly presupuesto: Saldo;
  readonly introspection: boolean;
  readonly sandbox: boolean;
  /** Whether what first questions would wait for is read ahead. */
  readonly calentamiento: boolean;
  /** Thresholds of the gates and of the automatic step back. */
  readonly politica: Politica;
  /** Values by adapter, and whether any of its sources was given rather than defaulted. */
  readonly adapters: Readonly<
    Record<string, { readonly values: SettingValues; readonly given: boolean }>
  >;
}

export interface AdapterDeclaration {
  readonly id: string;
  readonly settings: readonly SettingDeclaration[];
}

/** All that is wrong with the settings, at once. */
export class SettingsError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`Configuración inválida:\n${problems.map((line) => `  - ${line}`).join('\n')}`);
    this.name = 'SettingsError';
    this.problems = problems;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The process environment. This file is the only one that reads it. */
export const environment = (): Environment => process.env;

const CHECKS: Record<SettingDeclaration['kind'], z.ZodType> = {
  url: z.url({
    protocol: /^(https?|rediss?|postgres(ql)?)$/,
    error: 'se espera una dirección completa, como https://www.datos.gov.co',
  }),
  text: z.string().min(1),
  dir: z.string().min(1),
  int: z.string().regex(/^\d{1,9}$/, 'se espera un entero'),
  bool: z.stringbool({ error: 'se espera true o false' }),
};

/** Reads and checks form only; whether a source answers is never a reason not to start. */
export function readSettings(env: Environment, adapters: readonly AdapterDeclaration[]): Settings {
  const problems: string[] = [];
  const all: readonly SettingDeclaration[] = [
    ...GATEWAY_SETTINGS,
    ...adapters.flatMap(({ settings }) => settings),
  ];
  const declared = [...new Map(all.map((setting) => [setting.name, setting])).values()];
  const values = new Map<string, string | undefined>();
  for (const setting of declared) values.set(setting.name, readOne(env, setting, problems));
  warnUnknown(env, declared, problems);
  if (problems.length > 0) throw new SettingsError(problems);
  const text = (name: string): string | null => values.get(name) ?? null;
  const archiveDir = text('SUGIT_ARCHIVE_DIR');
  const flag = (name: string): boolean => z.stringbool().parse(values.get(name));
  return {
    port: Number(text('PORT')),
    host: text('HOST') ?? '',
    dataDir: path.resolve(text('SUGIT_DATA_DIR') ?? ''),
    archiveDir: archiveDir === null ? null : path.resolve(archiveDir),
    databaseUrl: text('DATABASE_URL'),
    redisUrl: text('REDIS_URL'),
    tokensFile: text('SUGIT_TOKENS_FILE'),
    token: text('SUGIT_TOKEN'),
    cacheTtlMs: Number(text('SUGIT_CACHE_TTL_S')) * 1000,
    cacheRows: Number(text('SUGIT_CACHE_FILAS')),
    cacheSecret: text('SUGIT_CACHE_SECRETO'),
    deadlineMs: Number(text('SUGIT_PLAZO_MS')),
    presupuesto: {
      llamadas: Number(text('SUGIT_MAX_LLAMADAS')),
      bytes: Number(text('SUGIT_MAX_MB')) * 1024 * 1024,
    },
    introspection: flag('SUGIT_INTROSPECCION'),
    sandbox: flag('SUGIT_SANDBOX'),
    calentamiento: flag('SUGIT_CALENTAMIENTO'),
    politica: POLITICAS[text('SUGIT_POLITICA') ?? ''] ?? POLITICA_ESTRICTA,
    adapters: Object.fromEntries(
      adapters.map(({ id, settings }) => [
        id,
        {
          values: Object.fromEntries(settings.map(({ name }) => [name, values.get(name)])),
          given: settings.some(({ name }) => isSource(name) && hasValue(env, name)),
        },
      ]),
    ),
  };
}

/** A setting that says where a source is, so that the sandbox does not stand in for it. */
export const isSource = (name: string): boolean =>
  name.endsWith('_BASE_URL') || name.endsWith('_DROP_DIR');

const hasValue = (env: Environment, name: string): boolean => (env[name] ?? '') !== '';

const MAX_PORT = 65_535;

function readOne(
  env: Environment,
  setting: SettingDeclaration,
  problems: string[],
): string | undefined {
  let value = hasValue(env, setting.name) ? env[setting.name] : undefined;
  const file = env[`${setting.name}_FILE`];
  if (value === undefined && setting.secret === true && file !== undefined) {
    try {
      value = readFileSync(file, 'utf8').trim();
    } catch {
      problems.push(`${setting.name}_FILE: no se puede leer el archivo.`);
    }
  }
  value ??= setting.default;
  if (value === undefined) return undefined;
  const checked = CHECKS[setting.kind].safeParse(value);
  if (!checked.success) {
    const reason = checked.error.issues.map(({ message }) => message).join('; ');
    problems.push(`${setting.name}: ${reason}. ${setting.meaning}`);
  } else if (setting.name === 'PORT' && Number(value) > MAX_PORT) {
    problems.push(`PORT: no pasa de ${MAX_PORT}. ${setting.meaning}`);
  } else if (setting.name === 'SUGIT_POLITICA' && !(value in POLITICAS)) {
    problems.push(`SUGIT_POLITICA: no existe «${value}». ${setting.meaning}`);
  } else if (setting.name === 'SUGIT_TOKENS_FILE') {
    const read = readTokensFile(value);
    if ('problems' in read) problems.push(...read.problems);
  }
  return value;
}

/** A misspelt SUGIT_ name would otherwise be ignored in silence. */
function warnUnknown(
  env: Environment,
  declared: readonly SettingDeclaration[],
  problems: string[],
): void {
  const known = new Set(declared.flatMap(({ name }) => [name, `${name}_FILE`]));
  for (const name of Object.keys(env)) {
    if (name.startsWith('SUGIT_') && !known.has(name))
      problems.push(`${name}: no existe esa variable.`);
  }
}

/** What `sugit config` shows: every setting with its value, secrets hidden. */
export function describeSettings(
  env: Environment,
  adapters: readonly AdapterDeclaration[],
): readonly { readonly nombre: string; readonly valor: string; readonly significado: string }[] {
  const declared: readonly SettingDeclaration[] = [
    ...GATEWAY_SETTINGS,
    ...adapters.flatMap(({ settings }) => settings),
  ];
  // Two adapters may read one source: its setting is shown once.
  return [...new Map(declared.map((setting) => [setting.name, setting])).values()].map(
    (setting) => {
      const value = hasValue(env, setting.name) ? env[setting.name] : setting.default;
      const shown = setting.secret === true && value !== undefined ? '(oculto)' : (value ?? '');
      return { nombre: setting.name, valor: shown, significado: setting.meaning };
    },
  );
}
