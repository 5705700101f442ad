import { readFileSync } from 'node:fs';
import { parseCsvRecords } from './csv.js';

/** Public catalogs (DIVIPOLA, CHIP entities, CCPET…) read from the versioned data files, once per process. */
export interface Catalog {
  readonly territorios: readonly Territorio[];
  readonly chipMunicipios: readonly ChipMunicipio[];
  readonly chipDepartamentos: readonly ChipDepartamento[];
  /** People by DIVIPOLA code, year 2025. */
  readonly poblacion: ReadonlyMap<string, number>;
  readonly cuentas: ReadonlyMap<string, string>;
  /** Leaf codes of the CCPET that a scope (a438…a454) may use, in catalog order. */
  hojasCcpet(ambito: 'a438' | 'a439', prefix: string): readonly string[];
  readonly fuentes: ReadonlyMap<string, string>;
  readonly programas: ReadonlyMap<string, string>;
  readonly productos: readonly Producto[];
  readonly productosPorPrograma: ReadonlyMap<string, readonly Producto[]>;
  readonly cpc: ReadonlyMap<string, string>;
  /** CPC codes of five digits by their first digit. */
  readonly cpcPorSeccion: ReadonlyMap<string, readonly string[]>;
}

export interface Territorio {
  readonly codigo: string;
  readonly nombre: string;
  readonly codigoDepartamento: string;
  readonly departamento: string;
  readonly tipo: string;
}

export interface ChipMunicipio {
  readonly codigoChip: string;
  readonly divipola: string;
  readonly nombre: string;
  readonly departamento: string;
  readonly categoria: string;
}

export interface ChipDepartamento {
  readonly codigoChip: string;
  readonly codigo: string;
  readonly nombre: string;
}

export interface Producto {
  readonly codigo: string;
  readonly nombre: string;
  readonly programa: string;
}

/** Works from the sources and from dist/ alike: both keep the same tree. */
const DATA = new URL('../schema/catalogos/datos/', import.meta.url);

function read(name: string): Record<string, string>[] {
  return parseCsvRecords(readFileSync(new URL(name, DATA), 'utf8'));
}

function at(record: Record<string, string>, name: string): string {
  return record[name] ?? '';
}

function groupBy<T>(list: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of list) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

function leavesOf(ccpet: readonly Record<string, string>[]): Catalog['hojasCcpet'] {
  const parents = new Set(ccpet.map((r) => at(r, 'codigo').split('.').slice(0, -1).join('.')));
  const known = new Map<string, readonly string[]>();
  return (ambito, prefix) => {
    const key = `${ambito}|${prefix}`;
    const cached = known.get(key);
    if (cached) return cached;
    const leaves = ccpet
      .filter((r) => r[ambito] === '1' && `${at(r, 'codigo')}.`.startsWith(`${prefix}.`))
      .map((r) => at(r, 'codigo'))
      .filter((codigo) => !parents.has(codigo));
    known.set(key, leaves);
    return leaves;
  };
}

function loadPoblacion(): Map<string, number> {
  const rows = read('poblacion.csv').filter((r) => r['anio'] === '2025');
  return new Map(rows.map((r) => [at(r, 'codigo'), Number(r['poblacion'])]));
}

function loadTerritorial(): Pick<
  Catalog,
  'territorios' | 'chipMunicipios' | 'chipDepartamentos' | 'poblacion'
> {
  return {
    territorios: read('divipola.csv').map((r) => ({
      codigo: at(r, 'codigo'),
      nombre: at(r, 'nombre'),
      codigoDepartamento: at(r, 'codigo_departamento'),
      departamento: at(r, 'departamento'),
      tipo: at(r, 'tipo'),
    })),
    chipMunicipios: read('chip_entidades_municipios.csv').map((r) => ({
      codigoChip: at(r, 'codigo_chip'),
      divipola: at(r, 'divipola'),
      nombre: at(r, 'nombre'),
      departamento: at(r, 'departamento'),
      categoria: at(r, 'categoria_2025'),
    })),
    chipDepartamentos: read('chip_entidades_departamentos.csv').map((r) => ({
      codigoChip: at(r, 'codigo_chip'),
      codigo: at(r, 'divipola_depto'),
      nombre: at(r, 'nombre'),
    })),
    poblacion: loadPoblacion(),
  };
}

function load(): Catalog {
  const ccpet = read('ccpet_cuipo_2023-03.csv');
  const productos = read('producto_mga_cuipo.csv')
    .filter((r) => /^\d{7}$/.test(at(r, 'codigo_producto')))
    .map((r) => ({
      codigo: at(r, 'codigo_producto'),
      nombre: at(r, 'producto'),
      programa: at(r, 'codigo_programa'),
    }));
  const cpc = read('cpc_cuipo.csv');
  const codes = cpc.map((r) => at(r, 'codigo')).filter((c) => /^\d{5}$/.test(c));
  return {
    ...loadTerritorial(),
    cuentas: new Map(ccpet.map((r) => [at(r, 'codigo'), at(r, 'nombre')])),
    hojasCcpet: leavesOf(ccpet),
    fuentes: new Map(
      read('cuipo_fuentes_financiacion.csv').map((r) => [at(r, 'codigo'), at(r, 'nombre')]),
    ),
    programas: new Map(
      read('programa_mga_cuipo.csv').map((r) => [at(r, 'codigo_programa'), at(r, 'programa')]),
    ),
    productos,
    productosPorPrograma: groupBy(productos, (p) => p.programa),
    cpc: new Map(cpc.map((r) => [at(r, 'codigo'), at(r, 'nombre')])),
    cpcPorSeccion: groupBy(codes, (c) => c.charAt(0)),
  };
}

let loaded: Catalog | undefined;

export function loadCatalog(): Catalog {
  loaded ??= load();
  return loaded;
}
