import type { Fase, Tramo } from './tramo.js';

/** A tramo of the tests' own over the registro `CifraDePrueba`. */
export const tramoOf = (mas: Partial<Tramo> & { readonly fase?: Fase } = {}): Tramo => ({
  id: 'cifra',
  registro: 'CifraDePrueba',
  cohorte: {},
  viejo: 'viejo',
  nuevo: 'nuevo',
  fase: 'legacy',
  canaryPpm: 0,
  canaryCohorte: null,
  salt: 'sal',
  mappingVersion: 1,
  comparatorVersion: 1,
  epoca: 1,
  ...mas,
});
