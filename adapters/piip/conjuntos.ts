import type { Fila, Registro } from '../../schema/registro.js';
import {
  EjecucionProyecto,
  EjecutorProyecto,
  LocalizacionProyecto,
  ProductoProyecto,
  ProyectoInversion,
  SeguimientoProyecto,
} from '../../schema/registros/piip.js';
import {
  toEjecuciones,
  toEjecutores,
  toLocalizaciones,
  toProductos,
  toProyectos,
  toSeguimientos,
} from './mapper.js';
import type { PiipRaw } from './raw.js';

/** A dataset of DNP on datos.gov.co, and the registro over it. */
export interface Conjunto {
  readonly registro: Registro;
  /** Its 4x4 id. */
  readonly id: string;
  /** The columns wanted; all where the documented list may be incomplete, because an unknown name is refused. */
  readonly select?: readonly string[];
  /** An order for pages. Rows with equal keys stay together, so it need not be unique. */
  readonly pagina: readonly string[];
  readonly toFilas: (rows: readonly PiipRaw[]) => Fila[];
}

export const PROYECTOS: Conjunto = {
  registro: ProyectoInversion,
  id: 'cf9k-55fw',
  pagina: ['bpin'],
  toFilas: toProyectos,
};

export const LOCALIZACIONES: Conjunto = {
  registro: LocalizacionProyecto,
  id: 'xikz-44ja',
  // The other columns repeat the project, for each of its places.
  select: ['bpin', 'codigodepartamento', 'codigomunicipio', 'departamento', 'municipio', 'region'],
  pagina: ['bpin', 'codigodepartamento', 'codigomunicipio'],
  toFilas: toLocalizaciones,
};

export const CONJUNTOS: readonly Conjunto[] = [
  PROYECTOS,
  LOCALIZACIONES,
  { registro: SeguimientoProyecto, id: '7mxf-bp6x', pagina: ['bpin'], toFilas: toSeguimientos },
  {
    registro: EjecucionProyecto,
    id: 'v4ap-cvae',
    pagina: ['bpin', 'vigencia'],
    toFilas: toEjecuciones,
  },
  { registro: ProductoProyecto, id: '8kfp-z3my', pagina: ['bpin'], toFilas: toProductos },
  { registro: EjecutorProyecto, id: 'epzv-8ck4', pagina: ['bpin'], toFilas: toEjecutores },
];

const BY_NOMBRE = new Map(CONJUNTOS.map((conjunto) => [conjunto.registro.nombre, conjunto]));

export function conjuntoOf(registro: Registro): Conjunto {
  const conjunto = BY_NOMBRE.get(registro.nombre);
  if (conjunto === undefined) throw new TypeError(`piip does not answer ${registro.nombre}`);
  return conjunto;
}
