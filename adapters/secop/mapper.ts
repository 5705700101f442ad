import type { Fila } from '../../schema/registro.js';
import { normalizeBpin } from '../../schema/values/bpin.js';
import { parseDecimal } from '../../schema/values/decimal.js';
import { normalizeNit } from '../../schema/values/nit.js';
import { isPlaceholder, normalizeName } from '../../schema/values/text.js';
import { SourceContractError } from '../errors.js';
import type { ContratoProyectoRaw, ContratoRaw } from './raw.js';

/** Rows of SECOP II → registros. Pure. */

export function toContrato(raw: ContratoRaw): Fila {
  const id = textOf(raw.id_contrato);
  if (id === null) throw changed('id_contrato');
  return {
    id,
    referencia: textOf(raw.referencia_del_contrato),
    objeto: textOf(raw.objeto_del_contrato),
    estado: textOf(raw.estado_contrato),
    modalidad: textOf(raw.modalidad_de_contratacion),
    fechaFirma: fechaOf(raw.fecha_de_firma),
    valor: valorOf(raw.valor_del_contrato),
    nitEntidad: raw.nit_entidad === undefined ? null : normalizeNit(raw.nit_entidad),
    nitEntidadOriginal: textOf(raw.nit_entidad),
    nombreEntidad: textOf(raw.nombre_entidad),
    proveedorNombre: textOf(raw.proveedor_adjudicado),
    proveedorDocumento: textOf(raw.documento_proveedor),
    esPersonaNatural: esPersonaNatural(raw),
  };
}

/** Null where the row links nothing: no contract yet, or a code that is no BPIN. */
export function toContratoProyecto(raw: ContratoProyectoRaw): Fila | null {
  const original = textOf(raw.codigo_bpin);
  const bpin = original === null ? null : normalizeBpin(original);
  const idContrato = textOf(raw.id_contracto);
  if (bpin === null || idContrato === null) return null;
  const validacion = textOf(raw.validacion_bpin);
  return {
    bpin: bpin.bpin,
    bpinOriginal: bpin.original,
    idContrato,
    idProceso: textOf(raw.id_proceso),
    validacion,
    validado: validadoOf(validacion),
  };
}

/** Null for what the source writes where it has nothing: `No Definido`, `No Defenido`, `No aplica`, in any case. */
const textOf = (text: string | undefined): string | null => {
  if (text === undefined || isPlaceholder(text)) return null;
  const plain = text.replace(/\s+/g, ' ').trim();
  return plain === '' ? null : plain;
};

/** Colombian local time without zone; the time of day is always midnight. Years such as 2099 are what was published. */
function fechaOf(text: string | undefined): string | null {
  const day = /^(\d{4}-\d{2}-\d{2})(T|$)/.exec(text ?? '')?.[1];
  if (day === undefined) return null;
  const instant = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(day) ? day : null;
}

function valorOf(text: string | undefined): string | null {
  if (text === undefined) return null;
  const valor = parseDecimal(text);
  if (valor === null) throw changed('valor_del_contrato');
  return valor;
}

const PERSONAS = [
  'CEDULA DE CIUDADANIA',
  'CEDULA DE EXTRANJERIA',
  'TARJETA DE IDENTIDAD',
  'PERMISO ESPECIAL DE PERMANENCIA',
  'PERMISO POR PROTECCION TEMPORAL',
  'PASAPORTE',
  'REGISTRO CIVIL',
];

/**
 * A trader who is a natural person also has a NIT: the cédula itself. Only the NIT of a legal person, nine digits
 * beginning with 8 or 9, and a consortium are surely nobody's own.
 */
function esPersonaNatural(raw: ContratoRaw): boolean | null {
  const tipo = normalizeName(raw.tipodocproveedor ?? '');
  if (PERSONAS.includes(tipo)) return true;
  const nit = tipo === 'NIT' ? normalizeNit(raw.documento_proveedor ?? '') : null;
  if (nit !== null && /^[89]\d{8}$/.test(nit)) return false;
  return normalizeName(raw.es_grupo ?? '') === 'SI' ? false : null;
}

/** The literals of the source are not documented: only what clearly says yes or no counts as such. */
function validadoOf(validacion: string | null): boolean | null {
  const word = normalizeName(validacion ?? '');
  if (/^(NO\b|INVALID|RECHAZAD)/.test(word)) return false;
  return /^(VALID|SI$)/.test(word) ? true : null;
}

const changed = (column: string): SourceContractError =>
  new SourceContractError('secop', { cause: `column ${column} is not in its documented form` });
