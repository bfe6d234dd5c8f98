/** A number and what it counts, for people: "1 order", "2 orders", "0 orders". @param noun in the singular */
export function counted(count: number, noun: string): string {
  return `${count} ${count === 1 ? noun : `${noun}s`}`;
}
