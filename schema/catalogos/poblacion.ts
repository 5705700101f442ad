import { departamentoOf } from '../values/divipola.js';
import { readDatos } from './datos.js';

/** People by code and year (DANE projections). A departamento is the sum of the codes that begin with its own. */
export function readPoblacion(): Map<string, Map<number, number>> {
  const people = new Map<string, Map<number, number>>();
  for (const row of readDatos('poblacion.csv', ['codigo', 'anio', 'poblacion'])) {
    if (row.poblacion === '') continue;
    const anio = Number(row.anio);
    const count = Number(row.poblacion);
    for (const codigo of [row.codigo, departamentoOf(row.codigo)]) {
      const years = people.get(codigo) ?? new Map<number, number>();
      years.set(anio, (years.get(anio) ?? 0) + count);
      people.set(codigo, years);
    }
  }
  return people;
}
