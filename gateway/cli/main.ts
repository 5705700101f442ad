import { Command, CommanderError } from 'commander';
import { ADAPTERS } from '../../adapters/index.js';
import { describeSettings, environment, readSettings, SettingsError } from '../settings.js';
import { addMigrate } from './migrate.js';
import { runQuery } from './query.js';
import { runSandbox, runStart } from './start.js';

/** 0 done, 1 finding, 2 usage or settings, 3 the service or a source is not there, 130 interrupted. */
export const EXIT = { ok: 0, finding: 1, usage: 2, unavailable: 3 } as const;

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** Who reads a part of what is printed, as `head` does, has what they wanted: the rest is for nobody. */
function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(EXIT.ok);
  });
}

export async function main(argv: readonly string[]): Promise<number> {
  endWithReader();
  const program = new Command('sugit')
    .description('SUGIT: un solo grafo sobre la información territorial de Colombia.')
    .showHelpAfterError('Use «sugit --help» para ver los comandos.')
    .exitOverride()
    .addHelpText(
      'after',
      `
Ejemplos:
  sugit start                                     arranca el servicio y, para lo que no esté configurado, el sandbox
  sugit query '{ municipio(codigo: "05091") { nombre } }'
  sugit query --file consulta.graphql --variables '{"codigo":"05091"}'
  sugit config                                    muestra la configuración, sin secretos`,
    );
  let code: number = EXIT.ok;
  program
    .command('start')
    .description('arranca el servicio')
    .action(async () => {
      await runStart(readSettings(environment(), ADAPTERS), say);
    });
  program
    .command('sandbox')
    .description('arranca solo el sandbox de los sistemas de origen')
    .option('--escala <escala>', 'normal o nacional', 'normal')
    .option('--sin-ventanas', 'sin ventanas de SoQL')
    .action(async (options: { escala: string; sinVentanas?: boolean }) => {
      const settings = readSettings(environment(), ADAPTERS);
      const args = [
        '--escala',
        options.escala,
        ...(options.sinVentanas === true ? ['--sin-ventanas'] : []),
      ];
      await runSandbox(settings, args, print);
    });
  program
    .command('query [texto]')
    .description('hace una consulta al servicio y escribe la respuesta en JSON')
    .option('--file <archivo>', 'lee la consulta de un archivo')
    .option('--variables <json>', 'variables en JSON', '{}')
    .option('--url <url>', 'dirección del servicio; por defecto la de PORT')
    .action(async (text: string | undefined, options: Parameters<typeof runQuery>[1]) => {
      code = await runQuery(text, options, readSettings(environment(), ADAPTERS), print, say);
    });
  program
    .command('config')
    .description('muestra cada variable, su valor y su significado')
    .option('--json', 'en JSON')
    .action((options: { json?: boolean }) => {
      readSettings(environment(), ADAPTERS);
      const rows = describeSettings(environment(), ADAPTERS);
      if (options.json === true) print(JSON.stringify(rows, null, 2));
      else
        for (const { nombre, valor, significado } of rows)
          print(`${nombre}=${valor}\t${significado}`);
    });
  addMigrate(program, {
    settings: () => readSettings(environment(), ADAPTERS),
    print,
    say,
    terminal: process.stderr.isTTY ? process.stderr : null,
    setCode: (next) => {
      code = next;
    },
  });
  return run(program, argv, () => code);
}

async function run(
  program: Command,
  argv: readonly string[],
  codeOf: () => number,
): Promise<number> {
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return codeOf();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (error instanceof SettingsError) {
      say(error.message);
      return EXIT.usage;
    }
    say(error instanceof Error ? error.message : String(error));
    return EXIT.unavailable;
  }
}
