import type { Fila } from '../../schema/registro.js';
import { normalizeNit } from '../../schema/values/nit.js';
import { normalizeName } from '../../schema/values/text.js';
import { SourceContractError } from '../errors.js';
import { DropError } from '../shared/drop-error.js';
import type { ServidoresRaw } from './raw.js';
import type { Renglon } from './tabla.js';
import {
  toCodigoCargo,
  toCodigoDane,
  toCodigoSigep,
  toEntero,
  toFecha,
  toGrado,
  toNombreDeLista,
  toTexto,
} from './valores.js';

/** Rows of the reports and groups of the open data → records. Pure, but for the count of repeated rows of one file. */
export type Mapper = (renglon: Renglon) => Fila | null;

/** A row without the code of its entity belongs to nobody and is left out. */
export const toEntidad: Mapper = ({ celda }) => {
  const codigoSigep = toCodigoSigep(celda('codigoSigep'));
  if (codigoSigep === null) return null;
  return {
    codigoSigep,
    nombre: toTexto(celda('nombre')),
    sigla: toTexto(celda('sigla')),
    nit: normalizeNit(celda('nit')),
    digitoVerificacion: toDigito(celda('digitoVerificacion')),
    codigoDane: toCodigoDane(celda('codigoDane')),
    orden: toNombreDeLista(celda('orden')),
    suborden: toNombreDeLista(celda('suborden')),
    naturalezaJuridica: toTexto(celda('naturalezaJuridica')),
    clasificacionOrganica: toTexto(celda('clasificacionOrganica')),
    sector: toTexto(celda('sector')),
    departamento: toTexto(celda('departamento')),
    municipio: toTexto(celda('municipio')),
    categoria: toTexto(celda('categoria')),
    estado: toTexto(celda('estado')),
  };
};

const toDigito = (cell: string): string | null => /^\s*(\d)(?:\.0+)?\s*$/.exec(cell)?.[1] ?? null;

/** The same code twice: the active entity stays, else the first. A code names one entity, so only one can be meant. */
export function keepEntidades(filas: readonly Fila[]): readonly Fila[] {
  const byCodigo = new Map<unknown, Fila>();
  for (const fila of filas) {
    const known = byCodigo.get(fila.codigoSigep);
    if (known === undefined || (!isActiva(known) && isActiva(fila))) {
      byCodigo.set(fila.codigoSigep, fila);
    }
  }
  return [...byCodigo.values()];
}

const isActiva = ({ estado }: Fila): boolean =>
  typeof estado === 'string' && /^ACTIV[AO]$/.test(normalizeName(estado));

const PROVISTOS = [
  'provistosPermanentes',
  'provistosTemporales',
  'provistosTransitorios',
  'encargosPermanentes',
  'encargosTemporales',
  'encargosTransitorios',
] as const;

export function createToPlanta(): Mapper {
  const ordinalOf = createOrdinals();
  return (renglon) => {
    const { celda } = renglon;
    const codigoSigep = toCodigoSigep(celda('codigoSigep'));
    if (codigoSigep === null) return null;
    const entero = (name: string): number | null => readEntero(renglon, name);
    const planta = toTexto(celda('codigoPlanta')) ?? normalizeName(celda('nombrePlanta'));
    const cargo = toEmpleo(renglon);
    const empleo = toTexto(celda('codigoEmpleo')) ?? joinEmpleo(cargo);
    const provistos = Object.fromEntries(PROVISTOS.map((name) => [name, entero(name)]));
    const definitiva = entero('vacanciaDefinitiva');
    const temporal = entero('vacanciaTemporal');
    return {
      codigoSigep,
      nombreEntidad: toTexto(celda('nombreEntidad')),
      planta,
      nombrePlanta: toTexto(celda('nombrePlanta')),
      tipoPlanta: toTexto(celda('tipoPlanta')),
      empleo,
      ordinal: ordinalOf(codigoSigep, planta, empleo),
      ...cargo,
      naturalezaEmpleo: toTexto(celda('naturalezaEmpleo')),
      vigente: !isNo(celda('vigente')) && !isNo(celda('definitiva')),
      cargos: entero('cargos'),
      conApropiacion: entero('conApropiacion'),
      vacanciaDefinitiva: definitiva,
      vacanciaTemporal: temporal,
      vacanciaTransitoria: entero('vacanciaTransitoria'),
      ...provistos,
      provistos: addKnown(Object.values(provistos)),
      vacantes: addKnown([definitiva, temporal]),
    };
  };
}

export function createToVacante(): Mapper {
  const ordinalOf = createOrdinals();
  return (renglon) => {
    const { celda } = renglon;
    const codigoSigep = toCodigoSigep(celda('codigoSigep'));
    if (codigoSigep === null) return null;
    const cargo = toEmpleo(renglon);
    const empleo = joinEmpleo(cargo);
    return {
      codigoSigep,
      nombreEntidad: toTexto(celda('nombreEntidad')),
      empleo,
      ordinal: ordinalOf(codigoSigep, empleo),
      ...cargo,
      departamento: toTexto(celda('departamento')),
      municipio: toTexto(celda('municipio')),
      vacanciaTemporal: readEntero(renglon, 'vacanciaTemporal'),
      vacanciaDefinitiva: readEntero(renglon, 'vacanciaDefinitiva'),
      fechaVacancia: toFecha(celda('fechaVacancia')),
    };
  };
}

const toEmpleo = ({ celda }: Renglon) => ({
  nivel: toNombreDeLista(celda('nivel')),
  denominacion: toTexto(celda('denominacion')),
  codigoCargo: toCodigoCargo(celda('codigoCargo')),
  grado: toGrado(celda('grado')),
  dependencia: toTexto(celda('dependencia')),
});

const joinEmpleo = (cargo: ReturnType<typeof toEmpleo>): string =>
  [cargo.nivel, cargo.codigoCargo, cargo.grado, normalizeName(cargo.dependencia ?? '')]
    .map((part) => part ?? '')
    .join('/');

const isNo = (cell: string): boolean => /^(NO|N|FALSE|0)$/.test(normalizeName(cell));

/** Unknown only where none of the parts is known. */
function addKnown(parts: readonly (number | null)[]): number | null {
  const known = parts.filter((part) => part !== null);
  return known.length === 0 ? null : known.reduce((sum, part) => sum + part, 0);
}

function readEntero({ celda, linea }: Renglon, name: string): number | null {
  const value = toEntero(celda(name));
  if (value !== undefined) return value;
  throw new DropError('VALOR_INVALIDO', `«${celda(name)}» no es un número (${name}).`, linea);
}

function createOrdinals() {
  const seen = new Map<string, number>();
  return (...parts: readonly string[]): number => {
    const key = JSON.stringify(parts);
    const ordinal = (seen.get(key) ?? 0) + 1;
    seen.set(key, ordinal);
    return ordinal;
  };
}

/** One code may come with and without its zeros, one level with and without its accent: they are one group. */
export function toServidores(groups: readonly ServidoresRaw[]): readonly Fila[] {
  const filas = new Map<string, { fila: Fila; servidores: number }>();
  for (const raw of groups) {
    const codigoSigep = toCodigoSigep(raw.codigosigep ?? '');
    const count = toEntero(raw.servidores ?? '');
    if (count === undefined || count === null || count < 0) throw new SourceContractError('sigep');
    // Rows of nobody's: an entity without a code cannot be asked for.
    if (codigoSigep === null) continue;
    const nivel = toNombreDeLista(raw.niveljerarquicoempleo ?? '');
    const tipoNombramiento = toNombreDeLista(raw.tipodenombramiento ?? '');
    const grupo = `${nivel ?? ''}/${tipoNombramiento ?? ''}`;
    const key = `${codigoSigep}|${grupo}`;
    const servidores = (filas.get(key)?.servidores ?? 0) + count;
    filas.set(key, { fila: { codigoSigep, grupo, nivel, tipoNombramiento }, servidores });
  }
  return [...filas.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { fila, servidores }]) => ({ ...fila, servidores }));
}
