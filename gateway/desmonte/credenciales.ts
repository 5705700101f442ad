import type { AdapterRegistration } from '../../adapters/index.js';
import type { Settings } from '../settings.js';

/** Settings that only one system reads, and that were given: what is to be taken away once it is retired. */
export function credencialesDe(
  settings: Settings,
  registrations: readonly AdapterRegistration[],
  id: string,
): readonly string[] {
  if (settings.adapters[id]?.given !== true) return [];
  const own = registrations.find((registration) => registration.id === id)?.settings ?? [];
  const others = new Set(
    registrations
      .filter((other) => other.id !== id)
      .flatMap((other) => other.settings.map(({ name }) => name)),
  );
  const { values } = settings.adapters[id];
  return own
    .map(({ name }) => name)
    .filter((name) => !others.has(name) && values[name] !== undefined);
}
