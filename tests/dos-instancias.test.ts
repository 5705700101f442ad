import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ADAPTERS } from '../adapters/index.js';
import type { Row } from '../adapters/contract.js';
import { POLL_MS } from '../gateway/desmonte/keeper.js';
import { Viejo } from '../gateway/desmonte/testing.js';
import { LOOK_MS } from '../gateway/desmonte/vigia.js';
import type { Gateway } from '../gateway/gateway.js';
import { openGateway } from '../gateway/gateway.js';
import type { Server } from '../gateway/serve/server.js';
import { startServer } from '../gateway/serve/server.js';
import { readSettings } from '../gateway/settings.js';
import { keyOf } from '../schema/key.js';
import { RaizFut } from '../schema/registros/fut.js';
import { describeWithPostgres, freePort } from './servers.js';
import { runSugit } from './sugit.js';

/** Two gateways on one PostgreSQL, as in production: what one moves the other follows, and both outlive the store. */
const rowAt = (n: number): Row => ({
  codigoChip: `2101050${String(n).padStart(2, '0')}`,
  vigencia: 2019,
  periodo: 'T4',
  formulario: 'INGRESOS',
  presupuestoInicial: `${n}.5`,
  canal: 'SD',
});
const ROWS = Array.from({ length: 20 }, (_, n) => rowAt(n));
const RUTAS = ROWS.map((row) => keyOf(RaizFut.ruta.map((campo) => row[campo] ?? '')));

interface Instance {
  readonly gateway: Gateway;
  readonly server: Server;
}

await describeWithPostgres('two gateways on one PostgreSQL', (url, postgres) => {
  let folder: string;
  let env: Record<string, string>;
  let here: Instance;
  let there: Instance;
  const logged: string[] = [];

  async function openInstance(name: string): Promise<Instance> {
    const gateway = await openGateway({
      settings: readSettings({ ...env, SUGIT_DATA_DIR: path.join(folder, name) }, []),
      registrations: [
        {
          id: 'viejo',
          settings: [],
          registros: [RaizFut],
          create: () => new Viejo(RaizFut, ROWS, 10),
        },
        ...ADAPTERS.filter(({ isRecordStore }) => isRecordStore === true),
      ],
      log: (message) => logged.push(`${name}: ${message}`),
    });
    return { gateway, server: await startServer(gateway, null) };
  }

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sugit-dos-'));
    const tokensFile = path.join(folder, 'tokens.json');
    const tokens = [{ token: 'token-de-ana', persona: 'Ana', rol: 'migracion' }];
    await writeFile(tokensFile, JSON.stringify({ tokens }));
    env = {
      PORT: '0',
      DATABASE_URL: url(),
      SUGIT_TOKENS_FILE: tokensFile,
      SUGIT_TOKEN: 'token-de-ana',
      SUGIT_SANDBOX: 'false',
      SUGIT_POLITICA: 'comprimida',
    };
    here = await openInstance('una');
    there = await openInstance('otra');
  }, 120_000);
  afterAll(async () => {
    for (const { gateway, server } of [here, there]) {
      await server.close();
      await gateway.close();
    }
    await rm(folder, { recursive: true, force: true });
  });

  const fases = async ({ server }: Instance): Promise<unknown> =>
    (await mutate(server, '{ tramos { id fase epoca } }')).data?.['tramos'];

  interface Answer {
    readonly data?: Record<string, unknown> | null;
    readonly errors?: readonly {
      readonly message: string;
      readonly extensions: { code: string };
    }[];
  }

  async function mutate(server: Server, query: string): Promise<Answer> {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer token-de-ana' },
      body: JSON.stringify({ query }),
    });
    return (await response.json()) as Answer;
  }

  const owners = ({ gateway }: Instance): readonly (readonly string[])[] =>
    RUTAS.map((key) => gateway.tramos.current.ownersOfKey(RaizFut, RaizFut.ruta, key));

  /** When the other instance has taken the routes of an epoch, by its own poll. */
  const follows = ({ gateway }: Instance, epoca: number): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (gateway.tramos.current.epoca < epoca) return;
        stop();
        resolve();
      };
      const stop = gateway.tramos.onChange(look);
      look();
    });

  async function rehearsal(): Promise<{ readonly exito: boolean; readonly segundos: number }> {
    const query = '{ tramo(id: "raiz") { evidencias { tipo valor } } }';
    const { data } = await mutate(here.server, query);
    const { evidencias } = data?.['tramo'] as { evidencias: { tipo: string; valor: string }[] };
    const found = evidencias.find(({ tipo }) => tipo === 'ensayo-regreso');
    return JSON.parse(found?.valor ?? '{}') as { exito: boolean; segundos: number };
  }

  const move = (hacia: string, epoca: number, mas = ''): string =>
    `mutation { ${mas === 'atrás' ? 'retrocederTramo' : 'moverTramo'}(id: "raiz", hacia: "${hacia}", epoca: ${epoca}, motivo: "x") { epoca } }`;

  /** A full canary, put there by hand: the gates have tests of their own. */
  async function openCanary(): Promise<void> {
    await here.gateway.mesa.crear({ id: 'raiz', registro: 'RaizFut', cohorte: {} }, 'Ana', 'x');
    const { store } = here.gateway.mesa;
    await store.query(`update tramo set fase = 'canary', canary_ppm = 500000, epoca = epoca + 1`);
    await store.query('update ruteo_epoca set epoca = epoca + 1');
    await Promise.all([here, there].map(({ gateway }) => gateway.tramos.refresh()));
  }

  it('I1: decide alike for every key', async () => {
    await openCanary();

    expect(owners(here)).toEqual(owners(there));
    expect(new Set(owners(here).flat())).toEqual(new Set(['viejo', 'unico']));
  });

  it('I15: a step back holds at once where it was ordered, and on the other by its own poll', async () => {
    const before = there.gateway.tramos.current.epoca;

    const { data } = await mutate(here.server, move('shadow', 2, 'atrás'));
    const onHere = owners(here).flat();
    await follows(there, before + 1);

    expect(data).toEqual({ retrocederTramo: { epoca: 3 } });
    expect(new Set(onHere)).toEqual(new Set(['viejo']));
    expect(new Set(owners(there).flat())).toEqual(new Set(['viejo']));
    // By itself it steps back at the next look, and the others follow with their next poll.
    expect(LOOK_MS + POLL_MS).toBeLessThanOrEqual(5_000);
  }, 60_000);

  it('a rehearsal of the step back measures how soon both follow a real epoch', async () => {
    const before = there.gateway.tramos.current.epoca;

    await mutate(here.server, 'mutation { ensayar(id: "raiz", ensayo: REGRESO) { id } }');

    const { exito, segundos } = await rehearsal();
    expect(exito).toBe(true);
    expect(segundos).toBeGreaterThan(0);
    expect(there.gateway.tramos.current.epoca).toBeGreaterThan(before);
    expect(await fases(here)).toEqual([{ id: 'raiz', fase: 'shadow', epoca: 3 }]);
  }, 60_000);

  it('a rehearsal of the step back fails where an instance does not follow', async () => {
    const { store } = here.gateway.mesa;
    const now = new Date().toISOString();
    await store.query('insert into instancia (id, epoca, latido) values ($1, 0, $2)', ['x', now]);

    await mutate(here.server, 'mutation { ensayar(id: "raiz", ensayo: REGRESO) { id } }');

    await store.query(`delete from instancia where id = 'x'`);
    expect(await rehearsal()).toMatchObject({ exito: false });
  }, 60_000);

  it('I14: of two orders given at the same time, one on each, one wins', async () => {
    const answers = await Promise.all(
      [here, there, here, there].map(({ server }) => mutate(server, move('backfill', 3, 'atrás'))),
    );

    const codes = answers.map(({ errors }) => errors?.[0]?.extensions.code ?? 'hecho').sort();
    expect(codes).toEqual(['STALE_EPOCH', 'STALE_EPOCH', 'STALE_EPOCH', 'hecho']);
  }, 60_000);

  it('an order without a service is refused while they are alive', async () => {
    const { code, err } = await runSugit(['migrate', 'status'], {
      ...env,
      PORT: String(await freePort()),
      SUGIT_DATA_DIR: path.join(folder, 'orden'),
    });

    expect([code, err]).toEqual([3, expect.stringContaining('SERVICIO_EN_MARCHA')]);
  }, 60_000);

  it('a work that stood in a transaction when the store died is undone whole, and the process lives', async () => {
    const { store } = here.gateway.mesa;
    const update = `update tramo set fase = 'primary', epoca = epoca + 1`;
    const held = store.query('select pg_sleep(600)').catch((error: unknown) => error);

    const cut = store.transaction(async (session) => {
      await session.query(update);
      await postgres.kill();
      return session.query('select 1');
    });

    await expect(cut).rejects.toMatchObject({ name: 'AlmacenError' });
    expect(await held).toMatchObject({ name: 'AlmacenError' });
    await postgres.restart();
    await here.gateway.tramos.refresh();
    expect(await fases(here)).toEqual([{ id: 'raiz', fase: 'backfill', epoca: 4 }]);
  }, 120_000);

  it('I20: keep the last routes while the store is dead, move nothing, say so, and go on when it is back', async () => {
    await Promise.all([here, there].map(({ gateway }) => gateway.tramos.refresh()));
    const routes = [here, there].map(({ gateway }) => gateway.tramos.current);
    const [epoca] = here.gateway.tramos.rows.map(({ tramo }) => tramo.epoca);

    await postgres.kill();
    await Promise.all([here, there].map(({ gateway }) => gateway.tramos.refresh()));
    const forward = await mutate(here.server, move('shadow', epoca ?? 0));
    const back = await mutate(there.server, move('legacy', epoca ?? 0, 'atrás'));
    await Promise.all([here, there].map(({ gateway }) => gateway.vigia.look()));
    const seen = await Promise.all([here, there].map(fases));
    const ready = await Promise.all(
      [here, there].map(async ({ server }) => {
        const response = await fetch(`${server.url}/readyz`);
        return [response.status, await response.json()] as const;
      }),
    );
    const kept = [here, there].map(({ gateway }) => gateway.tramos.current);
    await postgres.restart();
    await Promise.all([here, there].map(({ gateway }) => gateway.tramos.refresh()));
    const after = await Promise.all([here, there].map(fases));
    const again = await mutate(here.server, move('legacy', epoca ?? 0, 'atrás'));

    for (const { errors } of [forward, back])
      expect(errors?.[0]).toMatchObject({
        message: expect.stringContaining('almacén'),
        extensions: { code: 'STORE_UNAVAILABLE' },
      });
    kept.forEach((ruteo, at) => {
      expect(ruteo).toBe(routes[at]);
    });
    expect(seen).toEqual(Array(2).fill([{ id: 'raiz', fase: 'backfill', epoca }]));
    for (const [status, body] of ready) {
      expect(status).toBe(503);
      expect(body).toMatchObject({ listo: false, almacen: false, tramos: 'DEGRADADA' });
    }
    expect(after).toEqual(seen);
    expect(again.errors).toBeUndefined();
    expect(here.gateway.tramos.salud).toBe('SANA');
  }, 120_000);
});
