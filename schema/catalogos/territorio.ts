import { lazy, readDatos } from './datos.js';
import { groupBy } from '../group-by.js';
import { createNombres } from './nombres-territorio.js';
import { readPoblacion } from './poblacion.js';
import { readRegiones } from './regiones.js';
import type { Region } from './regiones.js';

export type { EsquemaRegional, Region } from './regiones.js';

/** The territory of Colombia as DANE publishes it, with the codes by which other systems name it. */

export type TipoMunicipio = 'MUNICIPIO' | 'AREA_NO_MUNICIPALIZADA' | 'ISLA';

/** The category (Ley 617 de 2000) is known for one year only; it changes every year. */
export const VIGENCIA_CATEGORIAS = 2025;

export interface Municipio {
  readonly nivel: 'municipio';
  readonly codigo: string;
  readonly nombre: string;
  readonly tipo: TipoMunicipio;
  readonly departamento: string;
  readonly latitud: number;
  readonly longitud: number;
  /** ESP, 1 … 6; null where nobody fixes one. */
  readonly categoria: string | null;
  /** The alcaldía; null where there is none (areas without municipality, San Andrés) or it is not registered. */
  readonly chip: string | null;
}

export interface Departamento {
  readonly nivel: 'departamento';
  readonly codigo: string;
  readonly nombre: string;
  readonly capital: string;
  readonly categoria: string | null;
  /** The governorate; null for Bogotá, whose one entity is that of its municipio. */
  readonly chip: string | null;
  readonly municipios: readonly string[];
}

/** A code that DIVIPOLA no longer has and old data still carry. Never mapped to another code. */
export interface TerritorioHistorico {
  readonly codigo: string;
  readonly nombre: string;
  readonly departamento: string;
}

export interface CatalogoTerritorial {
  /** By code. */
  readonly municipios: readonly Municipio[];
  readonly departamentos: readonly Departamento[];
  readonly regiones: readonly Region[];
  municipio(codigo: string): Municipio | undefined;
  departamento(codigo: string): Departamento | undefined;
  territorio(codigo: string): Municipio | Departamento | undefined;
  historico(codigo: string): TerritorioHistorico | undefined;
  /** The municipio of an alcaldía or the departamento of a governorate; other bodies are not here. */
  porChip(chip: string): Municipio | Departamento | undefined;
  porNombre(departamento: string, municipio: string): Municipio | undefined;
  departamentoPorNombre(nombre: string): Departamento | undefined;
  /** By id, `SGR:RE001`. */
  region(id: string): Region | undefined;
  /** The regions in which a municipio or a departamento is, in all four schemes. */
  regionesDe(codigo: string): readonly Region[];
  /** Of a municipio or, added over its municipios, of a departamento; null when DANE publishes none. */
  poblacion(codigo: string, anio: number): number | null;
}

const HISTORICOS: readonly TerritorioHistorico[] = [
  { codigo: '94663', nombre: 'MAPIRIPANA', departamento: '94' },
  { codigo: '27086', nombre: 'BELÉN DE BAJIRÁ', departamento: '27' },
];

const TIPOS: Readonly<Record<string, TipoMunicipio>> = {
  municipio: 'MUNICIPIO',
  area_no_municipalizada: 'AREA_NO_MUNICIPALIZADA',
  isla: 'ISLA',
};

/** Read once for the process; population waits until somebody asks for it. */
export const loadTerritorio: () => CatalogoTerritorial = lazy(createTerritorio);

function createTerritorio(): CatalogoTerritorial {
  const municipios = readMunicipios();
  const departamentos = readDepartamentos(municipios);
  const regiones = readRegiones(departamentos).sort(byId);
  const municipioBy = byCodigo(municipios);
  const departamentoBy = byCodigo(departamentos);
  const historicoBy = byCodigo(HISTORICOS);
  const regionBy = new Map(regiones.map((region) => [region.id, region]));
  const poblacion = lazy(readPoblacion);
  const nombres = lazy(() => createNombres(departamentos, municipios));
  const regionesBy = lazy(() => indexRegiones(regiones));
  const chipBy = new Map<string, Municipio | Departamento>();
  for (const territorio of [...municipios, ...departamentos]) {
    if (territorio.chip !== null) chipBy.set(territorio.chip, territorio);
  }
  return {
    municipios,
    departamentos,
    regiones,
    municipio: (codigo) => municipioBy.get(codigo),
    departamento: (codigo) => departamentoBy.get(codigo),
    territorio: (codigo) => municipioBy.get(codigo) ?? departamentoBy.get(codigo),
    historico: (codigo) => historicoBy.get(codigo),
    porChip: (chip) => chipBy.get(chip),
    porNombre: (departamento, municipio) =>
      municipioBy.get(nombres().municipio(departamento, municipio) ?? ''),
    departamentoPorNombre: (nombre) => departamentoBy.get(nombres().departamento(nombre) ?? ''),
    region: (id) => regionBy.get(id),
    regionesDe: (codigo) => regionesBy().get(codigo) ?? [],
    poblacion: (codigo, anio) => poblacion().get(codigo)?.get(anio) ?? null,
  };
}

function readMunicipios(): Municipio[] {
  const categorias = new Map(
    readDatos('categorias-617.csv', ['codigo', 'codigo_chip', 'categoria']).map((row) => [
      row.codigo,
      row,
    ]),
  );
  const columns = [
    'codigo',
    'nombre',
    'codigo_departamento',
    'tipo',
    'latitud',
    'longitud',
  ] as const;
  return readDatos('divipola.csv', columns)
    .map((row): Municipio => {
      const tipo = TIPOS[row.tipo];
      if (tipo === undefined) throw new Error(`divipola.csv: unknown tipo ${row.tipo}`);
      const known = categorias.get(row.codigo);
      return {
        nivel: 'municipio',
        codigo: row.codigo,
        nombre: row.nombre,
        tipo,
        departamento: row.codigo_departamento,
        latitud: Number(row.latitud),
        longitud: Number(row.longitud),
        categoria: known?.categoria ?? null,
        chip: known?.codigo_chip ?? null,
      };
    })
    .sort((a, b) => (a.codigo < b.codigo ? -1 : 1));
}

const CATEGORIAS: Readonly<Record<string, string>> = {
  Especial: 'ESP',
  Primera: '1',
  Segunda: '2',
  Tercera: '3',
  Cuarta: '4',
};

function readDepartamentos(municipios: readonly Municipio[]): Departamento[] {
  const members = groupBy(municipios, (municipio) => municipio.departamento);
  const columns = [
    'codigo',
    'nombre',
    'capital_codigo',
    'codigo_chip',
    'categoria_617_2025',
  ] as const;
  return readDatos('departamentos.csv', columns).map((row) => ({
    nivel: 'departamento',
    codigo: row.codigo,
    nombre: row.nombre,
    capital: row.capital_codigo,
    categoria: CATEGORIAS[row.categoria_617_2025] ?? null,
    chip: row.codigo_chip === '' ? null : row.codigo_chip,
    municipios: (members.get(row.codigo) ?? []).map((municipio) => municipio.codigo),
  }));
}

function indexRegiones(regiones: readonly Region[]): Map<string, Region[]> {
  const index = new Map<string, Region[]>();
  for (const region of regiones) {
    for (const codigo of [...region.departamentos, ...region.municipios]) {
      const list = index.get(codigo);
      if (list === undefined) index.set(codigo, [region]);
      else list.push(region);
    }
  }
  return index;
}

const byId = (a: Region, b: Region): number => (a.id < b.id ? -1 : 1);

const byCodigo = <T extends { readonly codigo: string }>(items: readonly T[]): Map<string, T> =>
  new Map(items.map((item) => [item.codigo, item]));
