import type { CellObject, WorkSheet } from '@e965/xlsx';
import { toNumberText } from './number-text.js';
import { numberFormats } from './sheetjs.js';

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');

/** A date cell holds a day count; the text people see depends on their locale, so ISO is given. */
const toDateText = (value: number, date1904: boolean): string => {
  const date = numberFormats.parse_date_code(value, { date1904 });
  const day = `${pad(date.y, 4)}-${pad(date.m)}-${pad(date.d)}`;
  if (value === Math.floor(value)) return day;
  return `${day}T${pad(date.H)}:${pad(date.M)}:${pad(Math.floor(date.S))}`;
};

const isDateCell = (cell: CellObject, value: number): boolean =>
  cell.z !== undefined && numberFormats.is_date(String(cell.z)) && value >= 1 && value < 2_958_466;

/** The text of one cell as the file stores it: trailing blanks and NBSP included, never what a locale would display. */
export function toCellText(
  cell: CellObject | undefined,
  options: { readonly date1904: boolean; readonly stored?: string | undefined },
): string {
  if (cell?.v === undefined) return '';
  switch (cell.t) {
    case 'n': {
      const value = Number(cell.v);
      if (isDateCell(cell, value)) return toDateText(value, options.date1904);
      return toNumberText(value, options.stored);
    }
    case 'b':
      return cell.v === true ? 'TRUE' : 'FALSE';
    case 'e':
      return cell.w ?? '#ERROR';
    default:
      return String(cell.v);
  }
}

/** Rows of a sheet read in dense mode, holes included, so that row numbers stay those of the file. */
export function denseRows(sheet: WorkSheet): readonly (readonly (CellObject | undefined)[])[] {
  return sheet['!data'] ?? [];
}
