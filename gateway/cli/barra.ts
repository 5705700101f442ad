import cliProgress from 'cli-progress';

/** What a bar shows of a work. */
export interface Avance {
  readonly paso: string;
  readonly leidas: number;
  /** Null before there was a complete walk: then nobody knows how much is left. */
  readonly total: number | null;
  readonly filasPorSegundo: number;
  readonly restanteS: number | null;
}

export interface Barra {
  show(avance: Avance): void;
  stop(): void;
}

/** A bar on a terminal, and nothing anywhere else. */
export function createBarra(terminal: NodeJS.WritableStream | null): Barra {
  if (terminal === null) return { show: () => undefined, stop: () => undefined };
  const bar = new cliProgress.SingleBar({
    stream: terminal,
    hideCursor: true,
    gracefulExit: false,
    format: (_options, _params, payload) => lineOf(payload as Avance),
  });
  let isShown = false;
  return {
    show: (avance) => {
      if (!isShown) bar.start(1, 0, avance);
      isShown = true;
      bar.update(avance.leidas, avance);
    },
    stop: () => {
      if (isShown) bar.stop();
    },
  };
}

const WIDTH = 30;

export function lineOf({ paso, leidas, total, filasPorSegundo, restanteS }: Avance): string {
  const rate = `${filasPorSegundo}/s`;
  if (total === null || total === 0) return `${paso}: ${leidas} leídas, ${rate}, total por saber`;
  const share = Math.min(1, leidas / total);
  const full = Math.floor(share * WIDTH);
  const left = restanteS === null ? '' : `, faltan ${toDuration(restanteS)}`;
  return (
    `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${Math.floor(share * 100)} % ` +
    `${leidas}/${total} ${paso}, ${rate}${left}`
  );
}

const MINUTE_S = 60;
const HOUR_S = 3_600;

export function toDuration(seconds: number): string {
  if (seconds < MINUTE_S) return `${seconds} s`;
  if (seconds < HOUR_S) return `${Math.ceil(seconds / MINUTE_S)} min`;
  return `${Math.floor(seconds / HOUR_S)} h ${Math.ceil((seconds % HOUR_S) / MINUTE_S)} min`;
}
