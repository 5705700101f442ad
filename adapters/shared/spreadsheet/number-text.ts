/** Moves the point of `1.5e-7` or `1.234E+20` so that no exponent remains. */
const expandExponent = (text: string): string => {
  const match = /^(-?)(\d+)(?:\.(\d+))?[eE]([+-]?\d+)$/.exec(text);
  if (match === null) return text;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits + '0'.repeat(point - digits.length);
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
};

const significantDigits = (text: string): string =>
  text
    .replace(/[eE].*$/, '')
    .replace(/[-+.]/g, '')
    .replace(/^0+/, '')
    .replace(/0+$/, '');

/**
 * Plain decimal text of a number cell. `stored` is the text in the file, which may hold more digits than a double: it is
 * kept unless it is only the 17-digit print of that double (Excel writes 30.2 as 30.199999999999999).
 */
export function toNumberText(value: number, stored?: string): string {
  // Another number than the parser's would be the text of another cell.
  if (stored !== undefined && Number(stored) === value) {
    const printed = Number(stored).toPrecision(17);
    if (significantDigits(printed) !== significantDigits(stored)) {
      const shortest = String(Number(stored));
      if (significantDigits(shortest) !== significantDigits(stored)) return expandExponent(stored);
    }
  }
  return expandExponent(String(Object.is(value, -0) ? 0 : value));
}
