/** One line of the comparison. `low` and `high` bound what counts as met. */
export type Comparison = {
  readonly what: string;
  readonly target: string;
  readonly measured: string;
  readonly met: boolean | null;
};

const digits = (value: number, count: number): string =>
  Number.isNaN(value) ? "-" : value.toFixed(count);

/** A number against a published one, met if it lies within `tolerance` of it (a share of it). */
export function near(
  what: string,
  target: number,
  measured: number,
  tolerance: number,
  decimals: number,
  unit = "",
): Comparison {
  const met = Math.abs(measured - target) <= tolerance * Math.abs(target);
  const show = (value: number): string => `${digits(value, decimals)}${unit}`;
  const allowed = `${show(target)} ± ${Math.round(tolerance * 100)} %`;
  return { what, target: allowed, measured: show(measured), met };
}

/** A number beside one that contradicts another target of the same thing: shown, and not to be met. */
export function besides(
  what: string,
  other: number,
  measured: number,
  decimals: number,
  unit = "",
): Comparison {
  const show = (value: number): string => `${digits(value, decimals)}${unit}`;
  return { what, target: show(other), measured: show(measured), met: null };
}

/** A number against a published range; `slack` widens it on both ends. */
export function within(
  what: string,
  range: readonly [number, number],
  measured: number,
  slack: number,
  decimals: number,
  unit = "",
): Comparison {
  const met = measured >= range[0] - slack && measured <= range[1] + slack;
  const spare = slack === 0 ? "" : ` ± ${digits(slack, decimals)}`;
  const target = `${digits(range[0], decimals)} to ${digits(range[1], decimals)}${unit}${spare}`;
  return { what, target, measured: `${digits(measured, decimals)}${unit}`, met };
}

/** Table for people; "not both" stands where two sources contradict each other and the other one is the target. */
export function tableOf(rows: readonly Comparison[]): string {
  const widest = Math.max(...rows.map(({ what }) => what.length));
  const lines = rows.map(({ what, target, measured, met }) => {
    const verdict = met === null ? "not both" : met ? "met" : "MISSED";
    return `${what.padEnd(widest)}  ${target.padStart(26)}  ${measured.padStart(14)}  ${verdict}`;
  });
  const head = `${"".padEnd(widest)}  ${"target".padStart(26)}  ${"simulated".padStart(14)}`;
  return [head, ...lines].join("\n");
}
