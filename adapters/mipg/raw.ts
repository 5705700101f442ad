/** A row of `nkjx-rsq7`: all text; a null column is not there. */
export interface MdmRaw {
  readonly codigo_unico?: string;
  readonly indicador?: string;
  readonly codigo_categoria?: string;
  readonly codigo_subcategoria?: string;
  readonly codigo_variable?: string;
  readonly codigo_departamento?: string;
  readonly departamento?: string;
  readonly codigo_entidad?: string;
  readonly entidad?: string;
  readonly dato?: string;
  readonly etiqueta?: string;
  readonly anio?: string;
  readonly mes?: string;
}

export const MDM = 'nkjx-rsq7';
