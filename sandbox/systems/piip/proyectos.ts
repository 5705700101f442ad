import { pick, rand, randInt } from '../../hash.js';
import { proyectosDe, type ProyectoSemilla } from '../../proyectos.js';
import type { EntidadSemilla, World } from '../../seed.js';
import type { Pushdown } from '../../soda/dataset.js';

/** A place as the location table writes it: a municipality, or a department as a whole (`DD000`). */
export interface Lugar {
  readonly departamento: string;
  readonly municipio: string;
  readonly nombreDepartamento: string;
  readonly nombreMunicipio: string;
}

/** The projects of the sandbox by the ways in which the tables are asked. */
export class Banco {
  readonly world: World;
  #todos: readonly ProyectoSemilla[] | undefined;
  #porBpin: ReadonlyMap<string, ProyectoSemilla> | undefined;
  #porLugar: ReadonlyMap<string, readonly ProyectoSemilla[]> | undefined;
  readonly #vecinos = new Map<string, readonly EntidadSemilla[]>();

  constructor(world: World) {
    this.world = world;
  }

  todos(): readonly ProyectoSemilla[] {
    this.#todos ??= this.world.territoriales.flatMap((e) => proyectosDe(this.world, e));
    return this.#todos;
  }

  /** Only those that the question can mean. */
  candidatos(pushdown: Pushdown): Iterable<ProyectoSemilla> {
    const bpins = pushdown.values('bpin');
    if (bpins) return this.#named(this.#byBpin(), bpins);
    const lugares = pushdown.values('codigomunicipio') ?? pushdown.values('codigodepartamento');
    if (!lugares) return this.todos();
    const index = this.#byLugar();
    return new Set([...lugares].flatMap((code) => index.get(code) ?? []));
  }

  *#named(index: ReadonlyMap<string, ProyectoSemilla>, bpins: ReadonlySet<string>) {
    for (const project of new Set([...bpins].map((bpin) => index.get(bpin)))) {
      if (project !== undefined) yield project;
    }
  }

  #byBpin(): ReadonlyMap<string, ProyectoSemilla> {
    this.#porBpin ??= new Map(
      this.todos().flatMap((p) => [[p.bpin, p] as const, [p.bpinCuipo, p] as const]),
    );
    return this.#porBpin;
  }

  #byLugar(): ReadonlyMap<string, readonly ProyectoSemilla[]> {
    if (this.#porLugar) return this.#porLugar;
    const index = new Map<string, ProyectoSemilla[]>();
    for (const project of this.todos()) {
      const lugares = this.lugaresDe(project);
      const codes = lugares.flatMap(({ municipio, departamento }) => [municipio, departamento]);
      for (const code of new Set(codes)) {
        const list = index.get(code);
        if (list) list.push(project);
        else index.set(code, [project]);
      }
    }
    this.#porLugar = index;
    return index;
  }

  /** The places of a project: its own, at times its neighbours', or the department as a whole. */
  lugaresDe(project: ProyectoSemilla): readonly Lugar[] {
    const { seed } = this.world;
    const { entidad, bpin } = project;
    const vecinos = this.#vecinosDe(entidad.divipola.slice(0, 2));
    const isMunicipio = entidad.clase === 'ALCALDIA';
    const share = rand(seed, 'lugar', bpin);
    if (!isMunicipio && (share < 0.4 || vecinos.length === 0)) return [toLugar(entidad)];
    const others = isMunicipio
      ? share < 0.15
        ? randInt(1, 2, seed, 'lugares', bpin)
        : 0
      : randInt(2, 5, seed, 'lugares', bpin);
    const extra =
      vecinos.length === 0
        ? []
        : Array.from({ length: others }, (_, i) => pick(vecinos, seed, 'vecino', bpin, i));
    return [...new Set(isMunicipio ? [entidad, ...extra] : extra)].map(toLugar);
  }

  #vecinosDe(departamento: string): readonly EntidadSemilla[] {
    const known = this.#vecinos.get(departamento);
    if (known) return known;
    const found = this.world.territoriales.filter(
      ({ clase, divipola }) => clase === 'ALCALDIA' && divipola.startsWith(departamento),
    );
    this.#vecinos.set(departamento, found);
    return found;
  }
}

function toLugar({ divipola, departamento, municipio }: EntidadSemilla): Lugar {
  return {
    departamento: divipola.slice(0, 2),
    municipio: divipola,
    nombreDepartamento: departamento,
    nombreMunicipio: municipio === '' ? 'Todo el Depto' : municipio,
  };
}
