/** A row of a report of SIGEP II: the cell under a label, as text; empty where the report has none. */
export type CeldaDe = (label: string) => string;

/** A group of `2jzx-383z` as datos.gov.co writes it: texts, without the nulls. No column of a person. */
export interface ServidoresRaw {
  readonly codigosigep?: string;
  readonly niveljerarquicoempleo?: string;
  readonly tipodenombramiento?: string;
  readonly servidores?: string;
}
