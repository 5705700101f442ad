/** Does a work for each of many, two at a time: while one of them waits for the service, it serves the other. */
export async function byTwo<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = [...items];
  const person = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await work(next);
  };
  await Promise.all([person(), person()]);
}
