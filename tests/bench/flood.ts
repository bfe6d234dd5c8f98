/*
 * A thousand requests a second at a bot's door until it is killed: half of them read its status, half give orders with a
 * wrong token. Prints "under way" once the first hundred were answered.
 */
const url = process.argv[2] ?? "";
const EVERY_MS = 10;
const EACH = 10;
const orders = { method: "POST", headers: { authorization: "Bearer wrong" }, body: "{}" };

let answered = 0;

async function one(n: number): Promise<void> {
  const answer = n % 2 === 0 ? await fetch(`${url}/status`) : await fetch(`${url}/halt`, orders);
  await answer.arrayBuffer();
  answered++;
  if (answered === 100) process.stdout.write("under way\n");
}

setInterval(() => {
  for (let n = 0; n < EACH; n++) void one(n);
}, EVERY_MS);
