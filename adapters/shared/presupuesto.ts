import type { Pagador, SourceContext } from '../contract.js';
import { BudgetExceededError } from '../errors.js';

/** What a request may cost its sources, charged where its calls are counted. The background pays nothing. */

type Payers = Pick<SourceContext, 'origen' | 'pagadores'>;

/** Parts of a call are fractions: a sum of them may miss the whole by a hair. */
const ROUNDING = 1e-6;

const NOBODY: readonly Pagador[] = [];
const payersOf = ({ origen, pagadores }: Payers): readonly Pagador[] =>
  origen === 'consulta' ? (pagadores ?? NOBODY) : NOBODY;

/** For a look at a whole folder: it is the same whatever is asked, so it is charged to no question. */
export const unpaid = (ctx: SourceContext): SourceContext => ({
  ...ctx,
  signal: ctx.signal,
  pagadores: NOBODY,
});

/** Pays for one call before it is made; it is not made once nobody can. */
export function chargeCall(sistema: string, ctx: Payers): void {
  const payers = payersOf(ctx);
  if (payers.length === 0) return;
  let isPaid = false;
  for (const payer of payers) {
    const { saldo, parte } = payer;
    if (saldo.llamadas + ROUNDING < parte || saldo.bytes <= 0) payer.impago = true;
    else {
      saldo.llamadas -= parte;
      isPaid = true;
    }
  }
  if (!isPaid) throw new BudgetExceededError(sistema, { mensaje: DEMASIADAS_LLAMADAS });
}

/** Bytes of one answer beyond which nobody can pay for it. */
export function bytesLeft(ctx: Payers): number {
  const payers = payersOf(ctx);
  if (payers.length === 0) return Number.POSITIVE_INFINITY;
  return Math.max(...payers.map(({ saldo, parte }) => Math.ceil(saldo.bytes / parte)));
}

/** Pays for what came, once its size is known. */
export function chargeBytes(sistema: string, ctx: Payers, bytes: number): void {
  const payers = payersOf(ctx);
  if (payers.length === 0) return;
  let isPaid = false;
  for (const payer of payers) {
    payer.saldo.bytes -= bytes * payer.parte;
    if (payer.saldo.bytes < -ROUNDING) payer.impago = true;
    else isPaid = true;
  }
  if (!isPaid) throw new BudgetExceededError(sistema, { mensaje: DEMASIADOS_BYTES });
}

const DEMASIADAS_LLAMADAS =
  'La consulta pasa el límite de llamadas a las fuentes; pida menos territorios, vigencias o campos.';
const DEMASIADOS_BYTES =
  'La consulta pasa el límite de bytes que puede traer de las fuentes; pida menos territorios, vigencias o campos.';
