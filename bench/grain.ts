/**
 * The common work: five systems, one summary row per municipio and system, over SODA-shaped JSON. The upstream serves it,
 * and every contender answers the same queries from it with the same bytes.
 */
import { loadTerritorio } from '../schema/catalogos/territorio.js';
import type { Campo, Registro } from '../schema/registro.js';
import {
  codigo,
  decimal,
  defineRegistro,
  dinero,
  entero,
  fecha,
  texto,
} from '../schema/registro.js';

export interface Resumen {
  /** Field of Municipio and id of its subgraph. */
  readonly campo: string;
  readonly tipo: string;
  readonly dataset: string;
  readonly registro: Registro;
  /** Columns of the wire in the order of the query; they carry the names of the campos. */
  readonly columnas: readonly string[];
}

export const KEY_COLUMN = 'codigo_municipio';
/** Column by which a cover of several copies of the nation is asked. */
export const COPY_COLUMN = 'copia';

const PERSONAL = texto({ clase: 'personal' });

function resumen(
  campo: string,
  tipo: string,
  sistema: string,
  dataset: string,
  campos: Readonly<Record<string, Campo>>,
): Resumen {
  const registro = defineRegistro({
    nombre: tipo,
    sistema,
    clave: ['codigo'],
    ruta: ['codigo'],
    accesos: { porMunicipio: { claves: ['codigo'], cardinalidad: 'uno' } },
    campos: { codigo: codigo({ nulo: false }), ...campos },
  });
  return { campo, tipo, dataset, registro, columnas: Object.keys(campos) };
}

/** One campo is personal: the answer of an anonymous reader must not carry it, and masking it is part of the work. */
export const RESUMENES: readonly Resumen[] = [
  resumen('resumenPresupuesto', 'ResumenPresupuesto', 'cuipo', 'pres-0001', {
    vigencia: entero(),
    apropiacion: dinero(),
    compromisos: dinero(),
    obligaciones: dinero(),
    pagos: dinero(),
  }),
  resumen('resumenPlanta', 'ResumenPlanta', 'sigep', 'plan-0001', {
    empleos: entero(),
    provistos: entero(),
    vacantes: entero(),
    costo: dinero(),
    responsable: PERSONAL,
  }),
  resumen('resumenProyectos', 'ResumenProyectos', 'piip', 'proy-0001', {
    activos: entero(),
    terminados: entero(),
    valor: dinero(),
    ejecutado: dinero(),
    avance: decimal(),
  }),
  resumen('resumenTransferencias', 'ResumenTransferencias', 'sicodis', 'tran-0001', {
    sgp: dinero(),
    regalias: dinero(),
    educacion: dinero(),
    salud: dinero(),
    agua: dinero(),
  }),
  resumen('resumenContratos', 'ResumenContratos', 'secop', 'cont-0001', {
    numero: entero(),
    enEjecucion: entero(),
    valor: dinero(),
    pagado: dinero(),
    ultimaFirma: fecha(),
  }),
];

/** Copies of the nation that the upstream holds: the cost must grow with the rows and with nothing else. */
export const COPIES = 10;

/** Codes of one copy. The first is the real DIVIPOLA; the others are told apart by their ending. */
export const codesOf = (copy: number): readonly string[] =>
  loadTerritorio().municipios.map(({ codigo: code }) => (copy === 0 ? code : `${code}-${copy}`));

export function copyOf(code: string): number {
  const at = code.indexOf('-');
  return at === -1 ? 0 : Number(code.slice(at + 1));
}

/** One row as the wire carries it: numbers as text, nulls absent. The same for the same code, always. */
export function wireRow(resumenOf: Resumen, code: string): Readonly<Record<string, string>> {
  const row: Record<string, string> = { [KEY_COLUMN]: code, [COPY_COLUMN]: String(copyOf(code)) };
  for (const name of resumenOf.columnas) {
    const campo = resumenOf.registro.campos[name] as Campo;
    const hash = hashOf(`${resumenOf.dataset} ${code} ${name}`);
    if (hash % 23 !== 0) row[name] = wireValue(campo, hash);
  }
  return row;
}

function wireValue({ tipo, clase }: Campo, hash: number): string {
  if (clase === 'personal') return `Persona ${hash % 9_999}`;
  if (tipo === 'dinero') return `${(hash % 89_999) + 10_000}${(hash % 899_999) + 100_000}`;
  if (tipo === 'decimal') return `0.${(hash % 89) + 10}7`;
  if (tipo === 'fecha') return `2025-0${(hash % 9) + 1}-1${hash % 10}T00:00:00.000`;
  return String(hash % 900);
}

/** FNV-1a, enough to spread values. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  }
  return hash;
}
