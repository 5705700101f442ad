const MESES = [
  'enero',
  'febrero',
  'marzo',
  'abril',
  'mayo',
  'junio',
  'julio',
  'agosto',
  'septiembre',
  'octubre',
  'noviembre',
  'diciembre',
];

/** The last day of a month by its name in Spanish; null for anything else. */
export function fechaDeMes(anio: number, nombre: string): string | null {
  const mes = MESES.indexOf(nombre) + 1;
  return mes === 0 ? null : new Date(Date.UTC(anio, mes, 0)).toISOString().slice(0, 10);
}
