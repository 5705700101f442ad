import { lettersOf } from '../values/text.js';
import { readDatos } from './datos.js';

/**
 * Territories by name, for sources without codes. A municipality is only ever found inside its department, because
 * 66 names are shared; other spellings come from the CHIP registry and from the short list below.
 */

const ALIAS_DEPARTAMENTO: Readonly<Record<string, readonly string[]>> = {
  '11': [
    'Bogotá',
    'Distrito Capital de Bogotá',
    'Distrito Capital',
    'Santafé de Bogotá',
    'Bogotá Distrito Capital',
  ],
  '44': ['Guajira'],
  '54': ['Norte Santander'],
  '76': ['Valle'],
  '88': [
    'San Andrés',
    'San Andrés y Providencia',
    'San Andrés, Providencia y Santa Catalina',
    'Archipiélago de San Andrés',
  ],
};

const ALIAS_MUNICIPIO: Readonly<Record<string, readonly string[]>> = {
  '11001': ['Bogotá', 'Distrito Capital de Bogotá', 'Santafé de Bogotá', 'Bogotá Distrito Capital'],
  '13468': ['Mompox', 'Mompós'],
  '54001': ['Cúcuta'],
  '88564': ['Providencia y Santa Catalina'],
};

interface Nombrado {
  readonly codigo: string;
  readonly nombre: string;
}

interface NombresTerritorio {
  departamento(nombre: string): string | undefined;
  municipio(departamento: string, municipio: string): string | undefined;
}

export function createNombres(
  departamentos: readonly Nombrado[],
  municipios: readonly (Nombrado & { readonly departamento: string })[],
): NombresTerritorio {
  const departamentoBy = new Map<string, string>();
  for (const { codigo, nombre } of departamentos) {
    for (const name of [nombre, ...(ALIAS_DEPARTAMENTO[codigo] ?? [])]) {
      departamentoBy.set(lettersOf(name), codigo);
    }
  }
  const municipioBy = new Map<string, string>();
  for (const { codigo, nombre, departamento } of municipios) {
    municipioBy.set(departamento + lettersOf(nombre), codigo);
  }
  // Aliases come second: none may hide an official name.
  for (const [codigo, name] of aliases()) {
    const key = codigo.slice(0, 2) + lettersOf(name);
    if (!municipioBy.has(key)) municipioBy.set(key, codigo);
  }
  return {
    departamento: (nombre) => departamentoBy.get(lettersOf(nombre)),
    municipio(departamento, municipio) {
      const codigo = departamentoBy.get(lettersOf(departamento));
      const name = lettersOf(municipio);
      const found = codigo === undefined ? undefined : municipioBy.get(codigo + name);
      // Bogotá is often filed under Cundinamarca, which has no municipality of that name.
      return found ?? (codigo === '25' ? municipioBy.get(`11${name}`) : undefined);
    },
  };
}

function* aliases(): Generator<readonly [codigo: string, nombre: string]> {
  for (const [codigo, names] of Object.entries(ALIAS_MUNICIPIO)) {
    for (const name of names) yield [codigo, name];
  }
  for (const row of readDatos('chip_entidades_municipios.csv', ['divipola', 'nombre'])) {
    yield [row.divipola, row.nombre];
    // `Páez (Belalcázar)`: the name without its seat is an alias too.
    yield [row.divipola, row.nombre.replace(/\s*\(.*\)/, '')];
  }
}
