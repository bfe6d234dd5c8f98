import { UsageError } from "./command.ts";

/** The exchange's number of an order, or our id of it, as a user writes it. @throws UsageError */
export function orderIdOf(text: string): string | number {
  const word = text.toLowerCase();
  if (/^0x[0-9a-f]{32}$/.test(word)) return word;
  if (/^\d{1,15}$/.test(word) && Number(word) > 0) return Number(word);
  throw new UsageError(
    `"${text}" is no order: allowed are the exchange's oid (a number) and our cloid (0x and 32 hex digits)`,
  );
}
