import { RowKind } from "./tape.ts";
import type { RowKindName, TapeBlock, TapeCoverage, TapeGap } from "./tape.ts";

const NAMES = Object.entries(RowKind) as readonly (readonly [RowKindName, number])[];

/** What blocks of rows cover, counted row by row. */
export class CoverageCount {
  readonly #byCode: number[] = NAMES.map(() => 0);
  readonly #gaps: TapeGap[] = [];
  #blocks = 0;
  #fromMs: number | null = null;
  #toMs: number | null = null;

  add({ rows, kind, timeMs, lots }: TapeBlock): void {
    this.#blocks++;
    for (let row = 0; row < rows; row++) {
      const code = kind[row] ?? 0;
      const atMs = timeMs[row] ?? 0;
      this.#byCode[code] = (this.#byCode[code] ?? 0) + 1;
      this.#fromMs ??= atMs;
      this.#toMs = atMs;
      if (code === RowKind.gap) this.#gaps.push({ fromMs: atMs, toMs: atMs + (lots[row] ?? 0) });
    }
  }

  total(): TapeCoverage {
    const count = (name: RowKindName): number => this.#byCode[RowKind[name]] ?? 0;
    const rowsByKind = {
      depth: count("depth"),
      touch: count("touch"),
      print: count("print"),
      gap: count("gap"),
      oracle: count("oracle"),
    };
    return {
      blocks: this.#blocks,
      rows: this.#byCode.reduce((sum, rows) => sum + rows, 0),
      rowsByKind,
      fromMs: this.#fromMs,
      toMs: this.#toMs,
      gaps: this.#gaps,
    };
  }
}
