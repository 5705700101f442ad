import type { WorkBook } from '@e965/xlsx';

type CellTexts = ReadonlyMap<string, string>;

const NONE: CellTexts = new Map();

interface WithFiles {
  readonly files?: Readonly<Record<string, { readonly content?: unknown }>>;
}

/** Only texts longer than a double prints can differ from it, so nearly every workbook yields an empty map. */
const LONG_NUMBER = /<c\b([^>]*)>\s*<v>(-?[\d.]{17,}(?:[eE][+-]?\d+)?)<\/v>/g;
const REFERENCE = /\br="([A-Z]{1,3})(\d+)"/;

const columnOf = (letters: string): number =>
  Array.from(letters).reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;

const scan = (xml: string): CellTexts => {
  const texts = new Map<string, string>();
  for (const [, attributes = '', text = ''] of xml.matchAll(LONG_NUMBER)) {
    if (/\bt="(?!n")/.test(attributes)) continue;
    const [, letters, row] = REFERENCE.exec(attributes) ?? [];
    if (letters === undefined || row === undefined) continue;
    texts.set(`${String(Number(row) - 1)}:${String(columnOf(letters))}`, text);
  }
  return texts;
};

/**
 * The digits of numbers that a double cannot hold, by sheet: some exporters write 12345678901234567.89 into an .xlsx, and
 * the parser rounds it. Keys are `row:column` from 0.
 */
export function readStoredNumbers(workbook: WorkBook): (sheet: string) => CellTexts {
  const files = (workbook as WorkBook & WithFiles).files ?? {};
  const sheets = Object.keys(files).filter((path) => /xl\/worksheets\/[^/]+\.xml$/.test(path));
  // With several sheets their order in the archive need not be the order of the book: the parser's own numbering decides.
  const ordered = sheets.sort((a, b) => sheetNumber(a) - sheetNumber(b));
  const byName = new Map<string, CellTexts>();
  if (ordered.length === workbook.SheetNames.length) {
    workbook.SheetNames.forEach((name, i) => {
      const content = files[ordered[i] ?? '']?.content;
      if (Buffer.isBuffer(content)) byName.set(name, scan(content.toString('utf8')));
    });
  }
  return (sheet) => byName.get(sheet) ?? NONE;
}

const sheetNumber = (path: string): number => Number(/(\d+)\.xml$/.exec(path)?.[1] ?? 0);
