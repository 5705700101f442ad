import { codigo, decimal, defineRegistro, entero, logico, texto } from '../registro.js';

/**
 * Two measurements of two owners, never to be merged: MIPG measures how each public entity is managed (Función Pública,
 * Decreto 1499 de 2017), MDM what each municipality achieves (DNP; Ley 617 de 2000, art. 79).
 *
 * An MIPG code means what its own vigencia says: policies and indices are renumbered between years, so that the key of the
 * catalogue is (vigencia, codigo) and no series runs across vigencias.
 */

const ENTIDAD_MEDIDA = {
  /** Four digits at least, leading zeros kept. */
  codigoSigep: codigo({ nulo: false }),
  /** The year measured; the results are published in the following one. */
  vigencia: entero({ nulo: false }),
};
const RUTA_ENTIDAD = ['codigoSigep', 'vigencia'];

/** One index of one entity. The entity answers the form (FURAG) itself: a high value is its own statement. */
export const IndiceMipg = defineRegistro({
  nombre: 'IndiceMipg',
  sistema: 'mipg',
  clave: [...RUTA_ENTIDAD, 'codigo'],
  ruta: RUTA_ENTIDAD,
  accesos: { porEntidadVigencia: { claves: RUTA_ENTIDAD, cardinalidad: 'muchos' } },
  campos: {
    ...ENTIDAD_MEDIDA,
    /** IDI, D1 to D7, POL01…, I01…: normalised, since the sheets write `D04`, `i9` and `I1`. */
    codigo: codigo({ nulo: false }),
    /** As the results of this vigencia call it. */
    nombre: texto({ nulo: false }),
    /** 0 to 100. The IDI is no mean of the dimensions: it is read, never computed. */
    valor: decimal(),
    /** False where the cell is blank: the index does not apply to this entity, which is not a 0. */
    aplica: logico({ nulo: false }),
  },
});

/** Who was measured: the rest of the row of the results. */
export const MedicionMipg = defineRegistro({
  nombre: 'MedicionMipg',
  sistema: 'mipg',
  clave: RUTA_ENTIDAD,
  ruta: RUTA_ENTIDAD,
  accesos: { porEntidadVigencia: { claves: RUTA_ENTIDAD, cardinalidad: 'uno' } },
  campos: {
    ...ENTIDAD_MEDIDA,
    nombreEntidad: texto(),
    naturalezaJuridica: texto(),
    /** Place names, without DIVIPOLA. */
    departamento: texto(),
    municipio: texto(),
    /** Values compare inside a group only, and groups change between years. */
    grupoPar: texto(),
    /** Full MIPG, or MECI only: then just internal control was measured. */
    tipoFormulario: texto(),
    /** NACION or TERRITORIO; null where the file does not say. */
    ambito: codigo(),
  },
});

const RUTA_MUNICIPIO = ['codigoDivipola', 'anio'];

/** One indicator of one municipality and year; `MDM` is the total, 0 to 100. */
export const IndiceMdm = defineRegistro({
  nombre: 'IndiceMdm',
  sistema: 'mdm',
  clave: [...RUTA_MUNICIPIO, 'indicador', 'ordinal'],
  ruta: RUTA_MUNICIPIO,
  accesos: { porMunicipioVigencia: { claves: RUTA_MUNICIPIO, cardinalidad: 'muchos' } },
  campos: {
    codigoDivipola: codigo({ nulo: false }),
    anio: entero({ nulo: false }),
    indicador: texto({ nulo: false }),
    categoria: codigo(),
    subcategoria: codigo(),
    variable: codigo(),
    valor: decimal(),
    /** Group or range in words. */
    etiqueta: texto(),
    mes: codigo(),
    /** Row id of the publisher. */
    codigoUnico: codigo({ comparador: 'ninguno' }),
    /** From 1; more where one indicator comes with several classifications. */
    ordinal: entero({ nulo: false }),
  },
});

export const REGISTROS_MIPG = [IndiceMipg, MedicionMipg] as const;
export const REGISTROS_MDM = [IndiceMdm] as const;
