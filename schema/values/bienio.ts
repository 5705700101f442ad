/** Bienio: the two years for which royalties are budgeted (Ley 2056 de 2020), written `2025-2026`. It begins in an odd year. */
export const bienioOf = (vigencia: number): string => {
  const first = vigencia % 2 === 1 ? vigencia : vigencia - 1;
  return `${String(first)}-${String(first + 1)}`;
};

/** Reads `2025-2026` and `2025 - 2026`; null when the text is no biennium. */
export function parseBienio(text: string): string | null {
  const match = /^\s*(\d{4})\s*-\s*(\d{4})\s*$/.exec(text);
  if (match === null) return null;
  const [first, last] = [Number(match[1]), Number(match[2])];
  return first % 2 === 1 && last === first + 1 ? bienioOf(first) : null;
}
