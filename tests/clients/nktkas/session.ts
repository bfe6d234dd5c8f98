import { checksOfNktkas } from "./checks.ts";

/* Prints one JSON line a check of the public TypeScript client against the exchange whose URL is given. */

for await (const check of checksOfNktkas(process.argv[2] ?? "http://127.0.0.1:3001"))
  console.log(JSON.stringify(check));
process.exit(0);
