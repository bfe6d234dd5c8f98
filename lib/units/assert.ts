/** Thrown when the program contradicts itself. Never caught inside the core: the process ends and recovers. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/** Ends the step when `condition` is false. The message states what should have been true. */
export function assert(condition: boolean, positiveStatement: string): asserts condition {
  if (!condition) throw new AssertionError(`expected: ${positiveStatement}`);
}

/** Marks a branch that the types rule out. */
export function unreachable(value: never): never {
  throw new AssertionError(`expected no such case: ${JSON.stringify(value)}`);
}
