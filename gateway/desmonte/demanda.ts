import type { SqlSession } from '../almacen/port.js';
import type { HoraDeUso } from '../route/picos.js';
import type { Tramo } from '../route/tramo.js';
import { MAX_PENDING } from './flush-parts.js';

type Cuenta = 'preguntas' | 'comparadas' | 'descartadas';

interface Hora extends HoraDeUso {
  readonly tramo: string;
  /** Within one the tramo neither moved nor changed versions. */
  readonly epoca: number;
}

/** Hours of the clock, as far as the minute is not written. */
const HORA_CHARS = '2026-03-02T14'.length;
/** A peak is told from the hours of these days. */
const MEMORIA_MS = 28 * 24 * 3_600_000;

/** How much readers ask of each tramo, hour by hour, and how much of it is compared. */
export class Demanda {
  readonly #pending = new Map<string, Hora>();

  add({ id, epoca }: Tramo, nowMs: number, cuenta: Cuenta, n: number): void {
    const hora = new Date(nowMs).toISOString().slice(0, HORA_CHARS);
    const name = `${id}|${epoca}|${hora}`;
    const known = this.#pending.get(name);
    if (known === undefined && this.#pending.size >= MAX_PENDING) return;
    const { preguntas = 0, comparadas = 0, descartadas = 0 } = known ?? {};
    const before = { tramo: id, epoca, hora, preguntas, comparadas, descartadas };
    this.#pending.set(name, { ...before, [cuenta]: before[cuenta] + n });
  }

  /** Adds to what the store holds; other instances add to the same hours. */
  async flush(session: SqlSession): Promise<void> {
    const written = [...this.#pending];
    if (written.length === 0) return;
    await session.query(
      `insert into demanda (tramo, epoca, hora, preguntas, comparadas, descartadas)
      select * from unnest($1::text[], $2::int[], $3::text[], $4::int[], $5::int[], $6::int[])
      on conflict (tramo, epoca, hora) do update set preguntas = demanda.preguntas + excluded.preguntas,
        comparadas = demanda.comparadas + excluded.comparadas, descartadas = demanda.descartadas + excluded.descartadas`,
      [
        written.map(([, { tramo }]) => tramo),
        written.map(([, { epoca }]) => epoca),
        written.map(([, { hora }]) => hora),
        written.map(([, { preguntas }]) => preguntas),
        written.map(([, { comparadas }]) => comparadas),
        written.map(([, { descartadas }]) => descartadas),
      ],
    );
    for (const [name, hora] of written) this.#subtract(name, hora);
  }

  /** What came in while the rest was written goes on waiting. */
  #subtract(name: string, done: Hora): void {
    const now = this.#pending.get(name);
    if (now === undefined || now === done) this.#pending.delete(name);
    else
      this.#pending.set(name, {
        ...now,
        preguntas: now.preguntas - done.preguntas,
        comparadas: now.comparadas - done.comparadas,
        descartadas: now.descartadas - done.descartadas,
      });
  }
}

/** The last weeks of a tramo: all that was asked, and what was compared under its epoch. */
export const loadDemanda = (
  session: SqlSession,
  { id, epoca }: Tramo,
  nowMs: number,
): Promise<readonly HoraDeUso[]> =>
  session.query<HoraDeUso & Record<string, unknown>>(
    `select hora, sum(preguntas)::int as preguntas,
      coalesce(sum(comparadas) filter (where epoca = $2), 0)::int as comparadas,
      coalesce(sum(descartadas) filter (where epoca = $2), 0)::int as descartadas
    from demanda where tramo = $1 and hora >= $3 group by hora order by hora`,
    [id, epoca, new Date(nowMs - MEMORIA_MS).toISOString().slice(0, HORA_CHARS)],
  );
