/** Half a tenth of a cent: less would give neighbouring labels the same four decimals. */
const PAD_MIN_MICRO_USD = 500;
const PAD_SHARE = 0.08;

/** What the axis of profit spans: every value and zero, with room beside them. Micro-USD. */
export function profitRange(
  columns: readonly ArrayLike<number | null | undefined>[],
): [number, number] {
  let low = 0;
  let high = 0;
  for (const column of columns)
    for (let i = 0; i < column.length; i++) {
      const value = column[i] ?? 0;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  const pad = Math.max((high - low) * PAD_SHARE, PAD_MIN_MICRO_USD);
  return [low - pad, high + pad];
}
