/** Codes of trees written with dots (CCPET, FUT, fuentes): text, whose parts are numbers or letters. */

/** Natural order: `TI.A.9` before `TI.A.10`, a parent before its children, numbers before letters. */
export function compareCodigos(a: string, b: string): number {
  const left = a.split('.');
  const right = b.split('.');
  const common = Math.min(left.length, right.length);
  for (let i = 0; i < common; i++) {
    if (left[i] === right[i]) continue;
    const order = compareParts(left[i] ?? '', right[i] ?? '');
    if (order !== 0) return order;
  }
  // `1.01` and `1.1` are two codes: equal in nature, told apart by their text.
  return left.length - right.length || compareText(a, b);
}

/** The code without its last part; null for a root. */
export function parentOf(codigo: string): string | null {
  const point = codigo.lastIndexOf('.');
  return point < 0 ? null : codigo.slice(0, point);
}

/** From the parent up to the root. */
export function ancestorsOf(codigo: string): string[] {
  const ancestors: string[] = [];
  for (let at = parentOf(codigo); at !== null; at = parentOf(at)) ancestors.push(at);
  return ancestors;
}

const isNumber = (part: string): boolean => /^\d+$/.test(part);

function compareParts(a: string, b: string): number {
  if (!isNumber(a) || !isNumber(b)) {
    return isNumber(a) ? -1 : isNumber(b) ? 1 : compareText(a, b);
  }
  // By length first: exact for any number of digits, without making numbers of them.
  const left = a.replace(/^0+/, '');
  const right = b.replace(/^0+/, '');
  return left.length - right.length || compareText(left, right);
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
