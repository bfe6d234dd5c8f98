/** Thrown when the program contradicts itself. Never caught inside the core: the process ends and recovers. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/**
 * Ends the step when `condition` is false. The message states what should have been true. A message with values in it
 * is written whether it is needed or not: where millions of calls are made, test first and call `violated`.
 */
export function assert(condition: boolean, positiveStatement: string): asserts condition {
  if (!condition) violated(positiveStatement);
}

/** Ends the step: what is stated should have been true and is not. */
export function violated(positiveStatement: string): never {
  throw new AssertionError(`expected: ${positiveStatement}`);
}

/** Marks a branch that the types rule out. */
export function unreachable(value: never): never {
  throw new AssertionError(`expected no such case: ${JSON.stringify(value)}`);
}
