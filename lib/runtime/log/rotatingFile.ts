import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { messageOf } from "../../units/messageOf.ts";

const NAME = /^bot(?:\.(\d+))?\.jsonl$/;
/** Text that may wait to be written; what comes beyond it is lost and counted. */
const WAITING_CHARACTERS_MAX = 4_000_000;

export type RotatingFileOptions = {
  readonly folder: string;
  /** A file that is larger is closed and the next one begun. */
  readonly bytesMax: number;
  /** Files kept, the one in use included. */
  readonly files: number;
};

/**
 * `bot.jsonl`, which becomes `bot.1.jsonl` when it is full, and so on; the oldest is deleted. Lines are gathered and
 * written in one piece by `flush`: a step never waits for the disk. A disk that refuses costs lines, never trading.
 */
export class RotatingFile {
  readonly #options: RotatingFileOptions;
  #lines: string[] = [];
  #characters = 0;
  #fd: number | null = null;
  #bytes = 0;
  #lost = 0;
  #failure: string | null = null;

  constructor(options: RotatingFileOptions) {
    this.#options = options;
  }

  /** Lines that no room or no disk was found for. */
  get lost(): number {
    return this.#lost;
  }

  /** Why the last write failed; null when it did not. */
  get failure(): string | null {
    return this.#failure;
  }

  add(line: string): void {
    if (this.#characters > WAITING_CHARACTERS_MAX) {
      this.#lost++;
      return;
    }
    this.#lines.push(line);
    this.#characters += line.length;
  }

  flush(): void {
    if (this.#lines.length === 0) return;
    const lines = this.#lines;
    this.#lines = [];
    this.#characters = 0;
    try {
      this.#write(`${lines.join("\n")}\n`);
      this.#failure = null;
    } catch (error) {
      this.#lost += lines.length;
      this.#failure = messageOf(error);
      this.#letGo();
    }
  }

  close(): void {
    this.flush();
    this.#letGo();
  }

  #write(text: string): void {
    const bytes = Buffer.byteLength(text);
    let fd = this.#fd ?? this.#open();
    if (this.#bytes > 0 && this.#bytes + bytes > this.#options.bytesMax) {
      this.#letGo();
      this.#shift();
      fd = this.#open();
    }
    writeSync(fd, text);
    this.#bytes += bytes;
  }

  #open(): number {
    const { folder } = this.#options;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const fd = openSync(join(folder, nameOf(0)), "a", 0o600);
    this.#fd = fd;
    this.#bytes = fstatSync(fd).size;
    return fd;
  }

  /** Every file one number up; those beyond the limit go, also when the limit was larger before. */
  #shift(): void {
    const { folder, files } = this.#options;
    for (const name of readdirSync(folder)) {
      const number = Number(NAME.exec(name)?.[1] ?? 0);
      if (NAME.test(name) && number >= files - 1) rmSync(join(folder, name));
    }
    for (let number = files - 2; number >= 0; number--) {
      const from = join(folder, nameOf(number));
      if (existsSync(from)) renameSync(from, join(folder, nameOf(number + 1)));
    }
  }

  #letGo(): void {
    if (this.#fd === null) return;
    try {
      closeSync(this.#fd);
    } catch {
      // A descriptor that cannot be closed is gone already.
    }
    this.#fd = null;
  }
}

function nameOf(number: number): string {
  return number === 0 ? "bot.jsonl" : `bot.${number}.jsonl`;
}
