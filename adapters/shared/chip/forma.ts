/** What a form of the CHIP looks like in its two file channels. Declared by the adapter that answers for it. */
export interface ChipForma {
  /** Name by which the adapter knows the form. */
  readonly formulario: string;
  /** Names on the wire, as `normalizeFormulario` leaves them. */
  readonly nombres: readonly string[];
  /** Columns of text after code and name. */
  readonly textos: Readonly<Record<string, ChipColumna>>;
  /** Columns of money, in the order of the form. */
  readonly montos: Readonly<Record<string, ChipColumna>>;
  /** Order of the fields after `D` in a submission file, code first; several where generators differ in width. */
  readonly layouts: readonly (readonly string[])[];
  /** The text whose presence makes a row a detail of its code; null where the form has no such dimension. */
  readonly detalle: string | null;
  /** Texts that tell details of one code apart. */
  readonly dimensiones: readonly string[];
  /**
   * The dimension whose values have a tree of codes each, one block of rows after the other; workbooks write it in the
   * first row of its block only. Null where the form is one tree.
   */
  readonly bloque: string | null;
  /** Whether code and dimensions never repeat in a report (identity F3). */
  readonly unica: boolean;
}

export interface ChipColumna {
  /** Labels in a workbook, any of them. */
  readonly libro: readonly string[];
  /** A workbook may lack it. */
  readonly opcional?: true;
  /** A percentage or similar: the unit of the form does not apply. */
  readonly sinUnidad?: true;
}

/** `FUT_GASTOS_DE_INVERSION` and `GASTOS_INVERSION` are one form: prefix and particles differ by generator and year. */
export const normalizeFormulario = (nombre: string): string =>
  nombre
    .normalize('NFD')
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .replace(/^FUT_/, '')
    .replace(/_(?:DE|DEL|LA|LAS|LOS|EL)(?=_)/g, '');

export const findForma = (
  formas: readonly ChipForma[],
  nombre: string | null,
): ChipForma | undefined => {
  const name = normalizeFormulario(nombre ?? '');
  return formas.find(({ nombres }) => nombres.includes(name));
};
