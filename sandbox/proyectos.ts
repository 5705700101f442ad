import { pick, rand, randInt } from './hash.js';
import type { EntidadSemilla, World } from './seed.js';

/** A generated investment project, shared by PIIP, CUIPO and SECOP so that the BPIN joins them. */
export interface ProyectoSemilla {
  /** As PIIP writes it: 13 digits (SUIFP era) or 15 (PIIP). */
  readonly bpin: string;
  /** As CUIPO writes it: PIIP codes usually lose two zeros after the year. */
  readonly bpinCuipo: string;
  readonly forma: 'SUIFP_13' | 'PIIP_15' | 'PIIP_15_SIN_RECORTE';
  readonly divipola: string;
  readonly anioInicio: number;
  readonly anioFin: number;
  readonly programa: string;
  readonly nombrePrograma: string;
  readonly producto: string;
  readonly nombreProducto: string;
  readonly nombre: string;
  /** Whole pesos. */
  readonly valor: number;
  readonly estado: 'Formulación' | 'Viable' | 'En Ejecución';
  readonly entidad: EntidadSemilla;
}

const MAX_PROYECTOS = 64;
const VERBS = ['Construcción', 'Mejoramiento', 'Fortalecimiento', 'Implementación', 'Apoyo'];

function codesOf(
  year: number,
  entidad: EntidadSemilla,
  place: number,
  j: number,
  shape: number,
): Pick<ProyectoSemilla, 'bpin' | 'bpinCuipo' | 'forma'> {
  if (shape < 0.5) {
    const bpin = `${year}${entidad.divipola}${String(j + 1).padStart(4, '0')}`;
    return { bpin, bpinCuipo: bpin, forma: 'SUIFP_13' };
  }
  // Below 100 000, so that the cut form keeps four zeros after the year (how it is recognised).
  const sequence = place * MAX_PROYECTOS + j;
  const bpin = `${year}${String(sequence).padStart(11, '0')}`;
  return shape < 0.95
    ? { bpin, bpinCuipo: `${year}${String(sequence).padStart(9, '0')}`, forma: 'PIIP_15' }
    : { bpin, bpinCuipo: bpin, forma: 'PIIP_15_SIN_RECORTE' };
}

function createProyecto(
  world: World,
  e: EntidadSemilla,
  place: number,
  j: number,
): ProyectoSemilla {
  const { seed, catalog } = world;
  const key = ['proyecto', e.codigoChip, j] as const;
  const producto = pick(catalog.productos, seed, ...key, 'producto');
  const shape = rand(seed, ...key, 'forma');
  const anioInicio =
    shape < 0.5 ? randInt(2020, 2023, seed, ...key) : randInt(2023, 2025, seed, ...key);
  const lugar = e.municipio === '' ? e.departamento : e.municipio;
  return {
    ...codesOf(anioInicio, e, place, j, shape),
    divipola: e.divipola,
    anioInicio,
    anioFin: anioInicio + randInt(1, 4, seed, ...key, 'fin'),
    programa: producto.programa,
    nombrePrograma: catalog.programas.get(producto.programa) ?? '',
    producto: producto.codigo,
    nombreProducto: producto.nombre,
    nombre: `${pick(VERBS, seed, ...key, 'verbo')} de ${producto.nombre.toLowerCase()} en ${lugar}`,
    valor: randInt(80, 9000, seed, ...key, 'valor') * 1_000_000 + randInt(0, 999_999, seed, ...key),
    estado: pick(['Formulación', 'Viable', 'En Ejecución', 'En Ejecución'], seed, ...key, 'estado'),
    entidad: e,
  };
}

const known = new WeakMap<World, Map<string, readonly ProyectoSemilla[]>>();

/** The projects of one mayoralty or governorate (none for other bodies), generated once per world. */
export function proyectosDe(world: World, entidad: EntidadSemilla): readonly ProyectoSemilla[] {
  const ofWorld = known.get(world) ?? new Map<string, readonly ProyectoSemilla[]>();
  known.set(world, ofWorld);
  const cached = ofWorld.get(entidad.codigoChip);
  if (cached) return cached;
  const created = createProyectos(world, entidad);
  ofWorld.set(entidad.codigoChip, created);
  return created;
}

function createProyectos(world: World, entidad: EntidadSemilla): ProyectoSemilla[] {
  const place = world.territoriales.indexOf(entidad);
  if (place < 0) return [];
  const many = world.escala === 'nacional';
  const count = many ? 60 : randInt(4, 9, world.seed, 'proyectos', entidad.codigoChip);
  return Array.from({ length: count }, (_, j) => createProyecto(world, entidad, place, j));
}
