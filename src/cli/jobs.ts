/**
 * Starts `work` on every item, in order, with at most `jobs` of them running at a time.
 *
 * @returns a promise for each result, in the order of the items
 */
export function startJobs<Item, Result>(
  items: readonly Item[],
  jobs: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result>[] {
  const waiting: (() => void)[] = [];
  let free = jobs;
  const turn = async () => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const next = () => {
    const resolve = waiting.shift();
    if (resolve) resolve();
    else free++;
  };
  return items.map(async (item, index) => {
    await turn();
    try {
      return await work(item, index);
    } finally {
      next();
    }
  });
}
