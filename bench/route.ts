/** Nanoseconds per key of a route decision: no tramo, a whole registro in canary, and a hundred slices by year. */
import { createRuteo } from '../gateway/route/ruteo.js';
import type { Fase, Tramo } from '../gateway/route/tramo.js';
import { codigo, defineRegistro, entero } from '../schema/registro.js';

const KEYS = 100_000;
const ROUNDS = 20;
const SLICES = 100;

const Prueba = defineRegistro({
  nombre: 'Prueba',
  sistema: 'viejo',
  clave: ['entidad', 'anio'],
  ruta: ['entidad', 'anio'],
  accesos: { porEntidadAnio: { claves: ['entidad', 'anio'], cardinalidad: 'uno' } },
  campos: { entidad: codigo({ nulo: false }), anio: entero({ nulo: false }) },
});

const tramoOf = (id: string, fase: Fase, cohorte: Tramo['cohorte']): Tramo => ({
  id,
  registro: Prueba.nombre,
  cohorte,
  viejo: 'viejo',
  nuevo: 'nuevo',
  fase,
  canaryPpm: 500_000,
  canaryCohorte: null,
  salt: 'sal',
  mappingVersion: 1,
  comparatorVersion: 1,
  epoca: 1,
});

const base = new Map([[Prueba.nombre, 'viejo']]);
const keys = Array.from(
  { length: KEYS },
  (_, i) => `${10_000 + (i % 1_122)}|${1_900 + (i % SLICES)}`,
);
const { claves } = Prueba.accesos['porEntidadAnio'] ?? { claves: [] };

function measure(name: string, tramos: readonly Tramo[]): void {
  const ruteo = createRuteo(1, tramos, base);
  let nuevo = 0;
  const run = (): void => {
    for (const key of keys) if (ruteo.ownersOfKey(Prueba, claves, key)[0] === 'nuevo') nuevo += 1;
  };
  run();
  const started = performance.now();
  for (let round = 0; round < ROUNDS; round++) run();
  const nanos = ((performance.now() - started) * 1e6) / (KEYS * ROUNDS);
  process.stdout.write(`${name}: ${nanos.toFixed(0)} ns per key (${nuevo} to the new side)\n`);
}

measure('no tramo', []);
measure('one tramo, primary', [tramoOf('t', 'primary', {})]);
measure('one tramo, canary at half', [tramoOf('t', 'canary', {})]);
measure(
  `${SLICES} tramos by year, canary at half`,
  Array.from({ length: SLICES }, (_, i) =>
    tramoOf(`t${i}`, 'canary', { anio: { desde: 1_900 + i, hasta: 1_900 + i } }),
  ),
);
