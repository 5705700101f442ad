import { loadPresupuesto } from '../../schema/catalogos/presupuesto.js';
import type { Fila } from '../../schema/registro.js';
import { normalizeBpin } from '../../schema/values/bpin.js';
import {
  departamentoOf,
  parseDivipola,
  parseDivipolaDepartamento,
} from '../../schema/values/divipola.js';
import { normalizeName } from '../../schema/values/text.js';
import { anioDe, codigoDe, decimalDe, textoDe, valorProgramado, type Celda } from './celdas.js';
import type { PiipRaw } from './raw.js';
import { chooseAvance, numbered, onePerClave } from './repetidas.js';

/** Rows of the wire as records. Pure; a row without a code that somebody could ask for is no record. */

type ToFila = (raw: PiipRaw, ids: { readonly bpin: string; readonly bpinOriginal: string }) => Fila;

const mapWith =
  (toFila: ToFila) =>
  (rows: readonly PiipRaw[]): Fila[] =>
    rows.flatMap((raw) => {
      const code = normalizeBpin(raw.bpin ?? '');
      return code === null ? [] : [toFila(raw, { bpin: code.bpin, bpinOriginal: code.original })];
    });

export const toProyectos = (rows: readonly PiipRaw[]): Fila[] =>
  onePerClave(['bpin'], mapWith(toProyecto)(rows));

const toProyecto: ToFila = (raw, ids) => {
  const total = valorProgramado(raw.valortotalproyecto);
  const vigente = valorProgramado(raw.valorvigenteproyecto);
  return {
    ...ids,
    nombre: textoDe(raw.nombreproyecto),
    objetivoGeneral: textoDe(raw.objetivogeneral),
    estado: textoDe(raw.estadoproyecto),
    subestado: textoDe(raw.subestadoproyecto),
    tipo: textoDe(raw.tipoproyecto),
    sector: textoDe(raw.sector),
    ...toPrograma(raw.programapresupuestal),
    ...toHorizonte(raw.horizonte),
    planDesarrollo: textoDe(raw.plandesarrollonacional),
    entidadResponsable: textoDe(raw.entidadresponsable),
    codigoEntidadResponsable: codigoDe(raw.codigoentidadresponsable),
    valorTotal: total.valor,
    valorVigente: vigente.valor,
    valorObligado: decimalDe(raw.valorobligacionproyecto),
    valorPagado: decimalDe(raw.valorpagoproyecto),
    valorNoReportado: vigente.noReportado,
    valorTotalNoReportado: total.noReportado,
    beneficiarios: decimalDe(raw.totalbeneficiario),
  };
};

/** `4003 ACCESO DE…`; old projects have the name alone, which is then looked for in the catalog. */
function toPrograma(celda: Celda): { programa: string | null; nombrePrograma: string | null } {
  const text = textoDe(celda);
  if (text === null) return { programa: null, nombrePrograma: null };
  const written = /^\s*(\d{4})(?:\s+([\s\S]*))?$/.exec(text);
  if (written === null) {
    return { programa: loadPresupuesto().programas().codigoDe(text), nombrePrograma: text };
  }
  return { programa: written[1] ?? null, nombrePrograma: textoDe(written[2]) };
}

function toHorizonte(celda: Celda) {
  const horizonte = textoDe(celda);
  const years = /^\s*(\d{4})\s*-\s*(\d{4})\s*$/.exec(horizonte ?? '');
  return {
    horizonte,
    horizonteInicio: years === null ? null : Number(years[1]),
    horizonteFin: years === null ? null : Number(years[2]),
  };
}

export const toSeguimientos = (rows: readonly PiipRaw[]): Fila[] =>
  chooseAvance(mapWith(toSeguimiento)(rows));

const toSeguimiento: ToFila = (raw, ids) => {
  const vigente = valorProgramado(raw.valorvigente);
  return {
    ...ids,
    avanceFisico: decimalDe(raw.avancefisico),
    avanceFinanciero: decimalDe(raw.avancefinanciero),
    valorVigente: vigente.valor,
    valorNoReportado: vigente.noReportado,
    horizonte: textoDe(raw.horizonte),
  };
};

export const toLocalizaciones = (rows: readonly PiipRaw[]): Fila[] =>
  onePerClave(['bpin', 'territorio'], mapWith(toLocalizacion)(rows));

const toLocalizacion: ToFila = (raw, ids) => ({
  ...ids,
  ...toLugar(raw),
  departamento: textoDe(raw.departamento),
  municipio: textoDe(raw.municipio),
  region: textoDe(raw.region),
});

/** `DD000` in the column of municipalities is the whole department. */
function toLugar(raw: PiipRaw) {
  const written = codigoDe(raw.codigomunicipio);
  const parsed = parseDivipola(written ?? '');
  const own = parseDivipolaDepartamento(codigoDe(raw.codigodepartamento) ?? '');
  const departamento = 'error' in own ? null : own.codigo;
  if (!('error' in parsed)) {
    const isMunicipio = parsed.nivel === 'municipio';
    return {
      territorio: parsed.codigo,
      codigoDepartamento: departamentoOf(parsed.codigo),
      codigoMunicipio: isMunicipio ? parsed.codigo : null,
    };
  }
  const named = codigoDe(raw.municipio) ?? codigoDe(raw.departamento) ?? codigoDe(raw.region);
  return {
    territorio: written ?? departamento ?? named ?? 'SIN_CODIGO',
    codigoDepartamento: departamento,
    codigoMunicipio: null,
  };
}

export const toEjecuciones = (rows: readonly PiipRaw[]): Fila[] =>
  numbered(['bpin', 'vigencia', 'dimensiones'], mapWith(toEjecucion)(rows.filter(hasVigencia)));

const hasVigencia = (raw: PiipRaw): boolean => anioDe(raw.vigencia) !== null;

const toEjecucion: ToFila = (raw, ids) => {
  const vigente = valorProgramado(raw.valorvigente);
  // The accent of `financiación` was eaten by the platform; a corrected column would have this other name.
  const fuente = textoDe(raw.fuentedefinanciaci_n ?? raw.fuentefinanciacion);
  const entidad = textoDe(raw.entidadfuentefinanciacion);
  const tipo = textoDe(raw.tiporecursofuentefinanciacion);
  return {
    ...ids,
    vigencia: anioDe(raw.vigencia),
    dimensiones: dimensionesOf([fuente, entidad, tipo]),
    fuenteFinanciacion: fuente,
    entidadFuente: entidad,
    tipoRecurso: tipo,
    valorSolicitado: decimalDe(raw.valorsolicitado),
    valorInicial: decimalDe(raw.valorinicial),
    valorVigente: vigente.valor,
    valorComprometido: decimalDe(raw.valorcomprometido),
    valorObligado: decimalDe(raw.valorobligado),
    valorPagado: decimalDe(raw.valorpagado),
    valorNoReportado: vigente.noReportado,
  };
};

export const toProductos = (rows: readonly PiipRaw[]): Fila[] =>
  numbered(
    ['bpin', 'dimensiones'],
    mapWith(toProducto)(rows.filter((raw) => textoDe(raw.producto) !== null)),
  );

const toProducto: ToFila = (raw, ids) => {
  const producto = textoDe(raw.producto) ?? '';
  const indicador = textoDe(raw.indicador);
  const valor = valorProgramado(raw.valorproducto);
  return {
    ...ids,
    dimensiones: dimensionesOf([producto, indicador]),
    producto,
    codigoProducto: codigoProductoOf(producto),
    indicador,
    unidadProducto: textoDe(raw.unidadmedidaproducto),
    unidadIndicador: textoDe(raw.unidadmedidaindicador),
    cantidad: decimalDe(raw.cantidad),
    metaIndicador: decimalDe(raw.metaindicador),
    avanceIndicador: decimalDe(raw.avanceindicador),
    valor: valor.valor,
    valorNoReportado: valor.noReportado,
  };
};

/** Many products share a name, and a name alone is no key: only one that a single product has gives its code. */
function codigoProductoOf(nombre: string): string | null {
  const codes = loadPresupuesto().productos().codigosPorNombre(nombre);
  return codes.length === 1 ? (codes[0] ?? null) : null;
}

export const toEjecutores = (rows: readonly PiipRaw[]): Fila[] =>
  onePerClave(['bpin', 'ejecutor'], mapWith(toEjecutor)(rows.filter(hasEjecutor)));

const hasEjecutor = (raw: PiipRaw): boolean =>
  codigoDe(raw.codigoentidadejecutora) !== null || textoDe(raw.entidadejecutora) !== null;

const toEjecutor: ToFila = (raw, ids) => {
  const codigo = codigoDe(raw.codigoentidadejecutora);
  const nombre = textoDe(raw.entidadejecutora);
  return {
    ...ids,
    ejecutor: codigo ?? normalizeName(nombre ?? ''),
    codigoEjecutor: codigo,
    nombre,
  };
};

const dimensionesOf = (parts: readonly (string | null)[]): string =>
  parts.map((part) => normalizeName(part ?? '').replaceAll('/', '|')).join('/');
