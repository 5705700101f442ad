import { departamentoOf } from '../values/divipola.js';
import { normalizeName } from '../values/text.js';
import { readDatos } from './datos.js';
import { groupBy } from '../group-by.js';

export type EsquemaRegional = 'RAP' | 'SGR' | 'PDET' | 'AREA_METROPOLITANA';

/** One region of one scheme; the four schemes overlap and none of them replaces another. */
export interface Region {
  /** `esquema:codigo`. */
  readonly id: string;
  readonly esquema: EsquemaRegional;
  /** The code of the SGR; in the other schemes a slug of the name, because nobody gives them codes. */
  readonly codigo: string;
  readonly nombre: string;
  /** Members (RAP, SGR) or the departments touched (PDET, metropolitan areas). */
  readonly departamentos: readonly string[];
  readonly municipios: readonly string[];
}

interface DepartamentoMembers {
  readonly codigo: string;
  readonly municipios: readonly string[];
}

export function readRegiones(departamentos: readonly DepartamentoMembers[]): Region[] {
  const municipiosOf = new Map(departamentos.map((d) => [d.codigo, d.municipios]));
  const ofDepartamentos = (
    esquema: EsquemaRegional,
    codigo: string,
    nombre: string,
    codes: string[],
  ) =>
    toRegion(
      esquema,
      codigo,
      nombre,
      codes,
      codes.flatMap((code) => municipiosOf.get(code) ?? []),
    );
  const ofMunicipios = (esquema: EsquemaRegional, nombre: string, codes: string[]) =>
    toRegion(esquema, slugOf(nombre), nombre, codes.map(departamentoOf), codes);

  const rap = readDatos('rap.csv', ['rap', 'codigo_departamento']);
  const sgr = readDatos('sgr-regiones.csv', [
    'codigo_sicodis',
    'region_sgr',
    'codigo_departamento',
  ]);
  const pdet = readDatos('pdet.csv', ['subregion', 'codigo']);
  const areas = readDatos('areas-metropolitanas.csv', ['area', 'codigo']);
  return [
    ...grouped(rap, (row) => row.rap).map(([nombre, rows]) =>
      ofDepartamentos(
        'RAP',
        slugOf(nombre),
        nombre,
        rows.map((row) => row.codigo_departamento),
      ),
    ),
    ...grouped(sgr, (row) => row.codigo_sicodis).map(([codigo, rows]) =>
      ofDepartamentos(
        'SGR',
        codigo,
        rows[0]?.region_sgr ?? codigo,
        rows.map((row) => row.codigo_departamento),
      ),
    ),
    ...grouped(pdet, (row) => row.subregion).map(([nombre, rows]) =>
      ofMunicipios(
        'PDET',
        nombre,
        rows.map((row) => row.codigo),
      ),
    ),
    ...grouped(areas, (row) => row.area).map(([nombre, rows]) =>
      ofMunicipios(
        'AREA_METROPOLITANA',
        nombre,
        rows.map((row) => row.codigo),
      ),
    ),
  ];
}

const grouped = <T>(rows: readonly T[], keyOf: (row: T) => string): [string, T[]][] => [
  ...groupBy(rows, keyOf),
];

function toRegion(
  esquema: EsquemaRegional,
  codigo: string,
  nombre: string,
  departamentos: readonly string[],
  municipios: readonly string[],
): Region {
  return {
    id: `${esquema}:${codigo}`,
    esquema,
    codigo,
    nombre,
    departamentos: [...new Set(departamentos)].sort(),
    municipios: [...new Set(municipios)].sort(),
  };
}

/** `Región Central` → `region-central`. */
const slugOf = (nombre: string): string =>
  normalizeName(nombre)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
