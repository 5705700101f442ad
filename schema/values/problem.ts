/** What is wrong with a value that somebody gave, as data: code, Spanish message, field and a good example. */

const CLASES = {
  DIVIPOLA: {
    invalido: 'DIVIPOLA_INVALIDO',
    desconocido: 'DIVIPOLA_DESCONOCIDO',
    nombre: 'código DIVIPOLA',
    forma: 'dos dígitos (departamento) o cinco (municipio)',
    ejemplo: '05091',
  },
  BPIN: {
    invalido: 'BPIN_INVALIDO',
    desconocido: 'BPIN_DESCONOCIDO',
    nombre: 'código BPIN',
    forma: '13, 14 o 15 dígitos',
    ejemplo: '202400000002842',
  },
  NIT: {
    invalido: 'NIT_INVALIDO',
    desconocido: 'NIT_DESCONOCIDO',
    nombre: 'NIT',
    forma: 'seis a diez dígitos, con o sin dígito de verificación',
    ejemplo: '890905211-1',
  },
  CHIP: {
    invalido: 'CHIP_INVALIDO',
    desconocido: 'CHIP_DESCONOCIDO',
    nombre: 'código CHIP',
    forma: 'nueve dígitos',
    ejemplo: '219105091',
  },
  VIGENCIA: {
    invalido: 'VIGENCIA_INVALIDA',
    desconocido: 'VIGENCIA_DESCONOCIDA',
    nombre: 'año de la vigencia',
    forma: 'un año entre 2000 y 2100',
    ejemplo: '2025',
  },
} as const;

export type ClaseValor = keyof typeof CLASES;
export type ValueProblemCode = (typeof CLASES)[ClaseValor]['invalido' | 'desconocido'];

export interface ValueProblem {
  readonly codigo: ValueProblemCode;
  readonly mensaje: string;
  /** The argument or column that carried the value. */
  readonly campo: string;
  readonly ejemplo: string;
}

/** A long or strange input is not repeated whole in a message. */
const shown = (value: string): string => {
  const clean = value.replace(/[\p{Cc}\p{Cf}]/gu, '').trim();
  return clean.length > 40 ? `${clean.slice(0, 40)}…` : clean;
};

/** The value is not in the form of its class. */
export function invalidValue(clase: ClaseValor, value: string, campo: string): ValueProblem {
  const { invalido, nombre, forma, ejemplo } = CLASES[clase];
  return {
    codigo: invalido,
    mensaje: `«${shown(value)}» no es un ${nombre} válido: se espera ${forma}, por ejemplo ${ejemplo}.`,
    campo,
    ejemplo,
  };
}

/** The value is well formed, but no catalog or source knows it. */
export function unknownValue(clase: ClaseValor, value: string, campo: string): ValueProblem {
  const { desconocido, nombre, ejemplo } = CLASES[clase];
  return {
    codigo: desconocido,
    mensaje: `El ${nombre} «${shown(value)}» está bien escrito, pero no se conoce.`,
    campo,
    ejemplo,
  };
}
