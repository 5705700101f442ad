import type { Registro } from '../../schema/registro.js';
import type { Register } from './load-identidad.js';

/** The registros that feed the crosswalk, of those that are installed. A system may go without its name being known here. */
const FEEDS: Readonly<Record<string, Register['sistema']>> = {
  EntidadChip: 'chip',
  Entidad: 'sigep',
};

export const registersOf = (registros: readonly Registro[]): readonly Register[] =>
  registros.flatMap((registro) => {
    const sistema = FEEDS[registro.nombre];
    return sistema === undefined ? [] : [{ sistema, registro }];
  });
