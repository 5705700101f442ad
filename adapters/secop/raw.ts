/**
 * What is asked of «SECOP II - Contratos Electrónicos»: 13 of its 84 columns. Legal representative, home address, bank
 * account, ordering officer, supervisor and paying officer (18 columns) are never asked for.
 */
export const COLUMNAS_CONTRATO = [
  'id_contrato',
  'referencia_del_contrato',
  'objeto_del_contrato',
  'estado_contrato',
  'modalidad_de_contratacion',
  'fecha_de_firma',
  'valor_del_contrato',
  'nit_entidad',
  'nombre_entidad',
  'proveedor_adjudicado',
  'documento_proveedor',
  'tipodocproveedor',
  'es_grupo',
] as const;

/** The dataset writes `id_contracto`. */
export const COLUMNAS_CONTRATO_PROYECTO = [
  'codigo_bpin',
  'id_contracto',
  'id_proceso',
  'validacion_bpin',
] as const;

type Raw<Columns extends readonly string[]> = Readonly<
  Partial<Record<Columns[number], string | undefined>>
>;

/** Texts, without the nulls. */
export type ContratoRaw = Raw<typeof COLUMNAS_CONTRATO>;
export type ContratoProyectoRaw = Raw<typeof COLUMNAS_CONTRATO_PROYECTO>;
