export type DropErrorCode =
  | 'ARCHIVO_VACIO'
  | 'LINEA_CORTADA'
  | 'CODIFICACION_INVALIDA'
  | 'ENCABEZADO_AUSENTE'
  | 'TOTALES_NO_CUADRAN'
  | 'ARCHIVO_DEMASIADO_GRANDE'
  | 'LIBRO_ILEGIBLE'
  | 'COLUMNA_AUSENTE'
  | 'VALOR_INVALIDO';

/**
 * A drop file is broken. It sends the file to quarantine, where an operator of the entity reads the motivo: Spanish, with
 * the line where there is one, and never a path.
 */
export class DropError extends Error {
  readonly codigo: DropErrorCode;
  readonly motivo: string;
  /** Line of a flat file, or row of a sheet, from 1. */
  readonly linea: number | null;

  constructor(
    codigo: DropErrorCode,
    motivo: string,
    linea: number | null = null,
    options: { readonly cause?: unknown } = {},
  ) {
    super(motivo, options);
    this.name = 'DropError';
    this.codigo = codigo;
    this.motivo = motivo;
    this.linea = linea;
  }
}
