import type { LedgerAnswer, LedgerQuestion } from "../../dashboard/stories.ts";
import { openReader } from "../../store/readModel.ts";
import type { Reader } from "../../store/readModel.ts";
import { momentStory } from "./momentStory.ts";
import { orderStory } from "./orderStory.ts";
import { pastView } from "./pastView.ts";
import { RestingIndex } from "./restingIndex.ts";
import { messageOf } from "../../units/messageOf.ts";

/**
 * The thread that looks things up in the database: with a connection of its own that can only read, so that a long look
 * back never makes the bot wait. The first message is the data folder, every other one a question.
 */
export type LedgerRequest =
  | { readonly kind: "open"; readonly dataDir: string }
  | { readonly kind: "ask"; readonly id: number; readonly question: LedgerQuestion };

export type LedgerReply =
  | { readonly id: number; readonly answer: LedgerAnswer }
  | { readonly id: number; readonly error: string };

declare const self: {
  addEventListener: (
    kind: "message",
    listener: (message: MessageEvent<LedgerRequest>) => void,
  ) => void;
  postMessage: (reply: LedgerReply) => void;
};

let dataDir = "";
let ledger: { readonly read: Reader; readonly resting: RestingIndex } | null = null;

self.addEventListener("message", ({ data }) => {
  if (data.kind === "open") {
    dataDir = data.dataDir;
    return;
  }
  try {
    ledger ??= open();
    self.postMessage({ id: data.id, answer: answerTo(ledger, data.question) });
  } catch (error) {
    const text = messageOf(error);
    self.postMessage({ id: data.id, error: text });
  }
});

function open(): NonNullable<typeof ledger> {
  const read = openReader(dataDir);
  return { read, resting: new RestingIndex(read) };
}

function answerTo(
  { read, resting }: NonNullable<typeof ledger>,
  question: LedgerQuestion,
): LedgerAnswer {
  switch (question.kind) {
    case "moment":
      return found(momentStory(read, question.atMs, question.side));
    case "past":
      return found(pastView(read, resting, question.atMs));
    case "order": {
      const story = orderStory(read, question.id);
      if (story !== null) return found(story);
      const error = `nothing is stored of the order ${question.id}`;
      return { found: false, body: JSON.stringify({ error }) };
    }
  }
}

function found(story: object): LedgerAnswer {
  return { found: true, body: JSON.stringify(story) };
}
