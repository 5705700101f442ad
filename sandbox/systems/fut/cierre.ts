import { rand, splitExact } from '../../hash.js';
import type { EntidadSemilla, World } from '../../seed.js';
import { createPlan } from '../cuipo/plan.js';
import type { Hoja } from './arbol.js';

/** Cierre Fiscal: thirteen amounts a row; what it leaves unexecuted is what CUIPO left unexecuted that year. */
const HOJAS = ['C.1.1', 'C.1.2', 'C.2.1', 'C.2.2', 'C.3.4', 'C.4.1'];
const LAST_QUARTER = 3;

export function hojasCierre(world: World, e: EntidadSemilla, vigencia: number): Hoja[] {
  const draw = (...parts: readonly (string | number)[]): number =>
    rand(world.seed, 'cierre', e.codigoChip, vigencia, ...parts);
  const actual = createPlan(world, e, vigencia).secciones.filter(
    ({ vigenciaGasto }) => vigenciaGasto === 1 || vigenciaGasto === 4,
  );
  const sum = (of: (seccion: (typeof actual)[number]) => readonly number[]): number =>
    actual.reduce((total, seccion) => total + (of(seccion)[LAST_QUARTER] ?? 0), 0);
  const obligado = sum((s) => s.obligaciones);
  const reservas = sum((s) => s.compromisos) - obligado;
  const cuentas = obligado - sum((s) => s.pagos);
  const weights = HOJAS.map((codigo) => 1 + draw(codigo));
  const share = (total: number): number[] => splitExact(Math.floor(total), weights);
  const caja = share((reservas + cuentas) * (0.7 + draw('caja')));
  const porReservas = share(reservas);
  const porCuentas = share(cuentas);
  const otras = share(cuentas * draw('otras'));
  return HOJAS.map((codigo, i) => {
    const disponible = [caja[i] ?? 0, 0, 0, 0];
    const exigible = [0, 0, porCuentas[i] ?? 0, 0, otras[i] ?? 0, porReservas[i] ?? 0];
    const have = disponible.reduce((a, b) => a + b, 0);
    const owe = exigible.reduce((a, b) => a + b, 0);
    const montos = [...disponible, have, ...exigible, owe, have - owe];
    return { codigo, textos: [], montos };
  });
}
