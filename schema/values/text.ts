/** Names as keys. The systems write the same name with and without accents, in any case, with odd blanks. */

/** Also true for the no-break spaces that CHIP workbooks use for "as above". */
export const isBlank = (text: string): boolean => text.trim() === '';

const PLACEHOLDERS = new Set(['', 'NOAPLICA', 'NODEFINIDO', 'NODEFENIDO', 'ND', 'NA']);

/** What sources write where they have nothing to say. `0` is not among them: in money it is a value. */
export const isPlaceholder = (text: string): boolean =>
  !/\d/.test(text) && PLACEHOLDERS.has(lettersOf(text));

/** Upper case, no accents (Ñ becomes N), single blanks; punctuation stays. */
export const normalizeName = (text: string): string =>
  withoutAccents(text).replace(/\s+/g, ' ').trim().toUpperCase();

/** Only letters, no blanks: `Bogotá, D.C.` and `BOGOTA D.C` are both `BOGOTADC`. */
export const lettersOf = (text: string): string =>
  withoutAccents(text)
    .toUpperCase()
    .replace(/[^A-Z]/g, '');

/** Letters and digits, no blanks: for names in which a number counts, such as a product with its code glued on. */
export const alphanumericsOf = (text: string): string =>
  withoutAccents(text)
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '');

const withoutAccents = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '');
