import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { environment } from '../../settings.js';

/** A gateway with its sandbox in a process of its own, started for a retirement and ended with it. */
export interface Proceso {
  readonly graphql: string;
  readonly base: string;
  /** Door of the sandbox that counts calls; null without one. */
  readonly control: string | null;
  close(): Promise<void>;
}

export interface ProcesoOptions {
  /** `bin/sugit.js` of the program that is proven. */
  readonly program: string;
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly log: (line: string) => void;
}

const LISTENS = /SUGIT escucha en (\S+)/;
const CONTROL = /control en (\S+)/;

export async function startProceso({
  program,
  dataDir,
  env,
  log,
}: ProcesoOptions): Promise<Proceso> {
  const { PATH, HOME, TMPDIR } = environment();
  // Calls are counted in the proof: nothing may be read ahead of it.
  const quiet = { SUGIT_POLITICA: 'comprimida', SUGIT_CALENTAMIENTO: 'false' };
  const own = { PORT: '0', SUGIT_DATA_DIR: dataDir, ...quiet, ...env };
  const child = spawn(process.execPath, [program, 'start'], {
    env: { PATH, HOME, TMPDIR, ...own },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', kill);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  const found = await new Promise<{ base: string; control: string | null }>((resolve, reject) => {
    let base = '';
    createInterface({ input: child.stderr }).on('line', (line) => {
      log(line);
      base = LISTENS.exec(line)?.[1] ?? base;
      const control = CONTROL.exec(line)?.[1];
      if (base === '') return;
      if (control !== undefined) resolve({ base, control });
      else if (env['SUGIT_SANDBOX'] === 'false') resolve({ base, control: null });
    });
    child.once('exit', (code) => {
      reject(new Error(`el servicio terminó con código ${String(code)} antes de estar listo`));
    });
  });
  return {
    ...found,
    graphql: `${found.base}/graphql`,
    close: async () => {
      process.off('exit', kill);
      child.kill('SIGTERM');
      await ended;
    },
  };
}
