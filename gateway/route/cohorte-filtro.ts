import type { Filtro, Registro, Valor } from '../../schema/registro.js';
import type { Cohorte, Condicion } from './tramo.js';

/** A cohort that no filter can say: its tramo could be neither loaded nor proven. */
export class CohorteError extends Error {
  readonly mensaje: string;

  constructor(registro: string, campo: string, problem: string) {
    const mensaje = `La cohorte sobre ${registro}.${campo} ${problem}.`;
    super(mensaje);
    this.name = 'CohorteError';
    this.mensaje = mensaje;
  }
}

/** The records of a cohort as a filter that adapters understand; null is the whole registro. */
export function toFiltro(registro: Registro, cohorte: Cohorte): Filtro | null {
  const parts = Object.entries(cohorte).flatMap(([campo, condicion]) =>
    toParts(registro, campo, condicion),
  );
  const [only] = parts;
  if (only === undefined) return null;
  return parts.length === 1 ? only : { op: 'and', de: parts };
}

function toParts(registro: Registro, campo: string, condicion: Condicion): readonly Filtro[] {
  const tipo = registro.campos[campo]?.tipo;
  if (tipo === undefined) throw new CohorteError(registro.nombre, campo, 'nombra un campo ajeno');
  const isNumber = tipo === 'entero';
  if ('en' in condicion) {
    const valores = condicion.en.map((text) => (isNumber ? toEntero(registro, campo, text) : text));
    return [{ op: 'in', campo, valores }];
  }
  if ('prefijo' in condicion) {
    if (isNumber) throw new CohorteError(registro.nombre, campo, 'pide un prefijo de un número');
    return [{ op: 'prefix', campo, valor: condicion.prefijo }];
  }
  // Texts sort as texts: '10' comes before '9', and a range over them would load other records than it routes.
  if (!isNumber) throw new CohorteError(registro.nombre, campo, 'pide un intervalo de un texto');
  return [
    { op: 'gte', campo, valor: condicion.desde },
    { op: 'lte', campo, valor: condicion.hasta },
  ];
}

function toEntero(registro: Registro, campo: string, text: string): Valor {
  const value = Number(text);
  // belongs() compares texts: '07' would route nothing, and must not load the records of 7.
  if (!Number.isSafeInteger(value) || String(value) !== text)
    throw new CohorteError(registro.nombre, campo, `pide «${text}», que no es un entero`);
  return value;
}
