/** The p-th percentile, by nearest rank. */
export function percentile(samples, p) {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil((p / 100) * sorted.length) - 1))];
}

/** Runs `work` one after the other, with a tenth more before to warm up, and collects what it answers. */
export async function repeat(times, work) {
  for (let round = 0; round < times / 10; round++) await work();
  const samples = [];
  for (let round = 0; round < times; round++) samples.push(await work());
  return samples;
}

/** Runs `work(index)` for each index below `count`, `width` at a time. */
export async function inParallel(count, width, work) {
  let next = 0;
  await Promise.all(
    Array.from({ length: width }, async () => {
      while (next < count) await work(next++);
    }),
  );
}
