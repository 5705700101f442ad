import type { Fila, Valor } from '../../schema/registro.js';
import { keyOf } from '../../schema/key.js';
import { normalizeBpin } from '../../schema/values/bpin.js';
import { normalizeName } from '../../schema/values/text.js';
import { groupBy } from '../shared/group-by.js';
import type { Forma } from './formas.js';
import { findDescuadres, findLeaves, findRoots, type Descuadre } from './hoja.js';
import { VACIO, type Linea, type Par, type Reporte } from './linea.js';

/** Lines of a form → records of its registros. Pure: the same lines, in any order, give the same records. */

/** All lines, each with its identity and with its answer to "may it be added?". */
export function toFilas({ forma, lineas, recepcion }: Reporte): Fila[] {
  const leaves = findLeaves(forma, lineas);
  return withOrdinal(
    lineas.map((linea) => ({
      ...reporteOf(linea),
      ...(forma.esGasto ? gastoOf(linea) : {}),
      cuenta: linea.cuenta,
      nombreCuenta: linea.nombreCuenta,
      ...proyectoOf(forma, linea),
      ...paresOf(linea),
      ...linea.textos,
      dimensiones: dimensionesOf(forma, linea),
      ordinal: 1,
      esHoja: leaves.has(linea),
      ...linea.montos,
      ...recepcion,
    })),
    forma,
  );
}

/**
 * The root lines alone. Where the other lines of the report are known too, a root says whether its leaves add up to it; a
 * root that its source repeats with other amounts says what else it says.
 */
export function toRaices({ forma, lineas, recepcion }: Reporte): Fila[] {
  const roots = findRoots(forma, lineas);
  // SODA is asked for roots alone: there is nothing to add up then.
  const found = roots.length === lineas.length ? [] : findDescuadres(forma, lineas);
  const descuadres = groupBy(found, ({ root }) => root);
  const raices = roots.map((linea) => ({
    ...reporteOf(linea),
    ...(forma.esGasto ? gastoOf(linea) : {}),
    ...linea.montos,
    descuadre: descuadres.get(linea)?.map(describeDescuadre).join('; ') ?? null,
    contradiccion: null,
    ...recepcion,
  }));
  return [...groupBy(raices, (raiz) => identityOf(raiz, forma.raiz.clave)).values()].map((same) => {
    const [first = {}, ...others] = same.sort(byMontos(forma));
    return { ...first, contradiccion: describeContradiccion(forma, first, others) };
  });
}

const describeDescuadre = ({ campo, raiz, hojas }: Descuadre): string =>
  `${campo}: la cuenta raíz dice ${raiz} y sus hojas suman ${hojas}`;

/** `SODA: compromisos 100, pagos 80`, one text per root that differs; null when all agree. */
export function describeContradiccion(
  forma: Forma,
  fila: Fila,
  others: readonly Fila[],
): string | null {
  const montos = Object.keys(forma.montos);
  const differing = others.filter((other) => montos.some((m) => other[m] !== fila[m]));
  if (differing.length === 0) return null;
  return differing
    .map((other) => {
      const said = montos.map((monto) => `${monto} ${String(other[monto] ?? 'sin dato')}`);
      const origin = [other.canal, other.recepcion].filter(Boolean).join(' ');
      return `${origin}: ${said.join(', ')}`;
    })
    .sort()
    .join('; ');
}

const reporteOf = (linea: Linea) => ({
  codigoChip: linea.codigoChip,
  nombreEntidad: linea.nombreEntidad,
  vigencia: linea.vigencia,
  periodo: linea.periodo,
});

const gastoOf = (linea: Linea) => ({
  vigenciaGasto: keyTextOf(linea.vigenciaGasto),
  nombreVigenciaGasto: linea.vigenciaGasto?.nombre ?? null,
  seccion: keyTextOf(linea.seccion),
  nombreSeccion: linea.seccion?.nombre ?? null,
});

/** What CUIPO knows of a project: the first digits of the MGA code, and the BPIN in the form of PIIP. */
function proyectoOf(forma: Forma, linea: Linea): Record<string, Valor> {
  if (!forma.esGasto) return {};
  const mga = linea.dimensiones.productoMga ?? linea.dimensiones.programaMga ?? VACIO;
  const programaMga = mga.codigo !== null && mga.codigo.length >= 4 ? mga.codigo.slice(0, 4) : null;
  return {
    sector: programaMga?.slice(0, 2) ?? null,
    programaMga,
    bpin: normalizeBpin(linea.textos.bpinOriginal ?? '')?.bpin ?? null,
  };
}

/** `cpc` and `nombreCpc` of each dimension. The programme keeps the code that `proyectoOf` checked. */
function paresOf(linea: Linea): Record<string, Valor> {
  const campos: Record<string, Valor> = {};
  for (const [name, par] of Object.entries(linea.dimensiones)) {
    if (name !== 'programaMga') campos[name] = par.codigo;
    campos[`nombre${name.charAt(0).toUpperCase()}${name.slice(1)}`] = par.nombre;
  }
  return campos;
}

const keyTextOf = (par: Par | undefined): string => par?.codigo ?? normalizeName(par?.nombre ?? '');

const dimensionesOf = (forma: Forma, linea: Linea): string =>
  [
    ...Object.keys(forma.dimensiones).map((name) => keyTextOf(linea.dimensiones[name])),
    ...Object.keys(forma.textos).map((name) => normalizeName(linea.textos[name] ?? '')),
  ].join('/');

/** Numbers the records that only their amounts tell apart, by those amounts, so that the wire's order does not count. */
function withOrdinal(filas: Fila[], forma: Forma): Fila[] {
  const clave = forma.registro.clave.filter((campo) => campo !== 'ordinal');
  for (const same of groupBy(filas, (fila) => identityOf(fila, clave)).values()) {
    if (same.length === 1) continue;
    same.sort(byMontos(forma)).forEach((fila, index) => {
      (fila as Record<string, Valor>).ordinal = index + 1;
    });
  }
  return filas;
}

const identityOf = (fila: Fila, campos: readonly string[]): string =>
  keyOf(campos.map((campo) => fila[campo] ?? ''));

const byMontos =
  (forma: Forma) =>
  (a: Fila, b: Fila): number => {
    const left = montosText(forma, a);
    const right = montosText(forma, b);
    return left < right ? -1 : left > right ? 1 : 0;
  };

const montosText = (forma: Forma, fila: Fila): string =>
  Object.keys(forma.montos)
    .map((monto) => String(fila[monto] ?? '').padStart(24, '0'))
    .join('|');
