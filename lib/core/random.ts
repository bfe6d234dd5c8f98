/**
 * Seeded random numbers for simulations. One generator per stream; streams are split by label, so a new consumer
 * never shifts the numbers of another.
 *
 * Integers, uniforms and labels are exact 32-bit and IEEE arithmetic: the same on every machine. Normal, exponential and
 * Poisson draws also use Math.log, exp, sin and cos: the same wherever the same runtime build runs; another
 * mathematics library may differ in the last bit.
 *
 * Generator: sfc32 by Chris Doty-Humphrey (PractRand 0.94, public domain), period at least 2^32, usually about 2^127.
 * Seeding: FNV-1a over the label, then MurmurHash3's finaliser (Austin Appleby, public domain).
 */
export class Random {
  readonly #seed: number;
  readonly #path: string;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;
  #spareNormal: number | null = null;

  /** @param seed any finite number; whole numbers up to 2^53 are told apart. */
  constructor(seed: number, label = "") {
    this.#seed = seed;
    this.#path = label;
    const text = `${seed}/${label}`;
    this.#a = finalise(fnv1a(text, 0x811c9dc5));
    this.#b = finalise(fnv1a(text, 0x9747b28c));
    this.#c = finalise(fnv1a(text, 0x2545f491));
    for (let i = 0; i < 12; i++) this.uint32();
  }

  /** An independent stream; depends on seed and labels alone, not on what was drawn before. */
  split(label: string): Random {
    return new Random(this.#seed, `${this.#path}/${label}`);
  }

  /** Whole number from 0 to 2^32 - 1. */
  uint32(): number {
    const out = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + out) | 0;
    return out >>> 0;
  }

  /** In [0, 1), 53 bits. */
  uniform(): number {
    return ((this.uint32() >>> 5) * 0x4000000 + (this.uint32() >>> 6)) / 0x20000000000000;
  }

  /** In [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  /** Mean 0, standard deviation 1 (Box and Muller 1958; both numbers of a pair are used). */
  normal(): number {
    if (this.#spareNormal !== null) {
      const spare = this.#spareNormal;
      this.#spareNormal = null;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.uniform());
  }

  /** Symmetric double exponential with this mean absolute value; variance is 2 * meanAbs^2. */
  laplace(meanAbs: number): number {
    const size = this.exponential(meanAbs);
    return this.uint32() < 0x80000000 ? -size : size;
  }

  /** Count of events (Knuth's product method, in pieces so that large means do not underflow). */
  poisson(mean: number): number {
    let count = 0;
    for (let rest = mean; rest > 0; rest -= 30) {
      const limit = Math.exp(-Math.min(rest, 30));
      for (let product = this.uniform(); product > limit; product *= this.uniform()) count++;
    }
    return count;
  }
}

function fnv1a(text: string, basis: number): number {
  let hash = basis;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

function finalise(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) | 0;
}
