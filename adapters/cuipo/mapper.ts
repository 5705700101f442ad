import type { Fila, Registro, Valor } from '../../schema/registro.js';
import { keyOf, keyOfFila } from '../../schema/key.js';
import { normalizeBpin } from '../../schema/values/bpin.js';
import { normalizeName } from '../../schema/values/text.js';
import { groupBy, groupByCampos } from '../../schema/group-by.js';
import type { Forma } from './formas.js';
import { findDescuadres, findLeaves, findRoots, type Descuadre } from './hoja.js';
import { VACIO, type Linea, type Par, type Recepcion, type Reporte } from './linea.js';

/** Lines of a form → records of its registros. Pure: the same lines, in any order, give the same records. */

/** All lines, each with its identity and with its answer to "may it be added?". */
export function toFilas({ forma, lineas, recepcion }: Reporte): Fila[] {
  const leaves = findLeaves(forma, lineas);
  const createFila = createFilas(forma.registro, recepcion);
  return withOrdinal(
    lineas.map((linea) => {
      const fila = createFila();
      putReporte(fila, linea);
      if (forma.esGasto) {
        putGasto(fila, linea);
        putProyecto(fila, linea);
      }
      fila.cuenta = linea.cuenta;
      fila.nombreCuenta = linea.nombreCuenta;
      putPares(fila, linea);
      Object.assign(fila, linea.textos, linea.montos);
      fila.dimensiones = dimensionesOf(forma, linea);
      fila.ordinal = 1;
      fila.esHoja = leaves.has(linea);
      return fila;
    }),
    forma,
  );
}

/**
 * The root lines alone. Where the other lines of the report are known too, a root says whether its leaves add up to it; a
 * root that its source repeats with other amounts says what else it says.
 */
export function toRaices({ forma, lineas, recepcion }: Reporte): Fila[] {
  const descuadres = groupBy(findDescuadres(forma, lineas), ({ root }) => root);
  const toRaiz = createRaices(forma, recepcion);
  const raices = findRoots(forma, lineas).map((linea) =>
    toRaiz(linea, descuadres.get(linea)?.map(describeDescuadre).join('; ') ?? null),
  );
  return joinRepeated(forma, raices);
}

/** A root line → its record. */
export function createRaices(
  forma: Forma,
  recepcion: Recepcion,
): (linea: Linea, descuadre: string | null) => Fila {
  const montos = Object.keys(forma.montos);
  const createRaiz = createFilas(forma.raiz, recepcion);
  return (linea, descuadre) => {
    const raiz = createRaiz();
    putReporte(raiz, linea);
    if (forma.esGasto) putGasto(raiz, linea);
    for (const monto of montos) raiz[monto] = linea.montos[monto] ?? null;
    raiz.descuadre = descuadre;
    return raiz;
  };
}

/** One root of each identity. Told apart report by report, where few roots and short keys are. */
export function joinRepeated(forma: Forma, raices: readonly Fila[]): Fila[] {
  const campos = forma.raiz.clave.filter((campo) => !DE_REPORTE.includes(campo));
  const joined: Fila[] = [];
  for (const ofReporte of groupByCampos(raices, DE_REPORTE, isSameReporte).values()) {
    const byIdentity =
      ofReporte.length === 1
        ? [ofReporte]
        : groupBy(ofReporte, (raiz) => identityOf(raiz, campos)).values();
    for (const same of byIdentity) joined.push(joinSame(forma, same));
  }
  return joined;
}

const DE_REPORTE = ['codigoChip', 'vigencia', 'periodo'];

const isSameReporte = (one: Fila, other: Fila): boolean =>
  one.periodo === other.periodo &&
  one.codigoChip === other.codigoChip &&
  one.vigencia === other.vigencia;

function joinSame(forma: Forma, same: Fila[]): Fila {
  const [first = {}, ...others] = same.length === 1 ? same : same.sort(byMontos(forma));
  const contradiccion = describeContradiccion(forma, first, others);
  return contradiccion === null ? first : { ...first, contradiccion };
}

type Borrador = Record<string, Valor>;

/** Records with every campo of a registro, in one order: alike, however many there are, and quick to make and to read. */
function createFilas(registro: Registro, recepcion: Recepcion): () => Borrador {
  const vacia: Borrador = {};
  for (const campo in registro.campos) vacia[campo] = null;
  Object.assign(vacia, recepcion);
  return () => ({ ...vacia });
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

function putReporte(fila: Borrador, linea: Linea): void {
  fila.codigoChip = linea.codigoChip;
  fila.nombreEntidad = linea.nombreEntidad;
  fila.vigencia = linea.vigencia;
  fila.periodo = linea.periodo;
}

function putGasto(fila: Borrador, { vigenciaGasto, seccion }: Linea): void {
  fila.vigenciaGasto = keyTextOf(vigenciaGasto);
  fila.nombreVigenciaGasto = vigenciaGasto?.nombre ?? null;
  fila.seccion = keyTextOf(seccion);
  fila.nombreSeccion = seccion?.nombre ?? null;
}

/** What CUIPO knows of a project: the first digits of the MGA code, and the BPIN in the form of PIIP. */
function putProyecto(fila: Borrador, linea: Linea): void {
  const mga = linea.dimensiones.productoMga ?? linea.dimensiones.programaMga ?? VACIO;
  const programaMga = mga.codigo !== null && mga.codigo.length >= 4 ? mga.codigo.slice(0, 4) : null;
  fila.sector = programaMga?.slice(0, 2) ?? null;
  fila.programaMga = programaMga;
  fila.bpin = normalizeBpin(linea.textos.bpinOriginal ?? '')?.bpin ?? null;
}

/** `cpc` and `nombreCpc` of each dimension. The programme keeps the code that `putProyecto` checked. */
function putPares(fila: Borrador, linea: Linea): void {
  for (const [name, par] of Object.entries(linea.dimensiones)) {
    if (name !== 'programaMga') fila[name] = par.codigo;
    fila[`nombre${name.charAt(0).toUpperCase()}${name.slice(1)}`] = par.nombre;
  }
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
  keyOfFila(fila, campos) ?? keyOf(campos.map((campo) => fila[campo] ?? ''));

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
