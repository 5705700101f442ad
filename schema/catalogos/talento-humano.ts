import { lazy, readDatos } from './datos.js';
import { groupBy } from '../group-by.js';

/**
 * Value lists of SIGEP by name (`Orden`, `Naturaleza Jurídica`…). They were read from registration templates, so they
 * are open: a value that is not here is kept as text, not refused.
 */
export const loadListasSigep: () => ReadonlyMap<string, readonly string[]> = lazy(() => {
  const rows = readDatos('sigep_listas_parametricas.csv', ['lista', 'valor']);
  const groups = groupBy(rows, (row) => row.lista);
  return new Map([...groups].map(([lista, own]) => [lista, own.map((row) => row.valor)]));
});
