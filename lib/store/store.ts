import { SQLiteError } from "bun:sqlite";
import { RecentReasons, writeAccount } from "./accountRows.ts";
import { openForWriting, openInMemory } from "./database.ts";
import type { Connection, Sync } from "./database.ts";
import { VersionConflict } from "./errors.ts";
import { loadSlices } from "./loadState.ts";
import type { LoadedState, SliceVersions } from "./loadState.ts";
import { parseBatch } from "./outboxRow.ts";
import type { StoredBatch } from "./outboxRow.ts";
import { readModelOf } from "./readModel.ts";
import type { ReadModel } from "./readModel.ts";
import { prepareStatements } from "./statements.ts";
import type { Statements } from "./statements.ts";
import { sliceText } from "./sliceText.ts";
import { SLICE_NAMES } from "./stateSchema.ts";
import type { PlannedBatch } from "../messages/audit.ts";
import type { Refusal } from "../messages/commands.ts";
import type { Event } from "../messages/events.ts";
import { STATE_SCHEMA_VERSION } from "../messages/state.ts";
import type { BotState } from "../messages/state.ts";
import { assert } from "../units/assert.ts";
import type { Side } from "../units/grid.ts";

export type CommitInput = {
  readonly event: Event;
  readonly before: BotState;
  readonly after: BotState;
  /** Versions of the slices of `before`, as loaded or as the last commit returned them. */
  readonly versions: SliceVersions;
  readonly batches: readonly PlannedBatch[];
  readonly refused: readonly Refusal[];
  /** Sides that fell silent, or are quoted again, with this step. */
  readonly silences?: readonly SideSilence[];
};

/** `text` says why nothing is quoted on the side; null: it is quoted again. */
export type SideSilence = { readonly side: Side; readonly text: string | null };

export type CommitResult =
  /** The event, or the fill in it, was handled before: nothing was written. */
  | { readonly kind: "duplicate" }
  | { readonly kind: "committed"; readonly seq: number; readonly versions: SliceVersions };

/** Rows kept per table; fills, funding, counts, mode changes and unanswered actions are kept for ever. */
export type Retention = {
  readonly inbox: number;
  readonly outbox: number;
  readonly decisions: number;
  readonly equity: number;
};

/** About half a day of quoting, 150 MB: as far back as single decisions can be explained. */
const DEFAULT_RETENTION: Retention = {
  inbox: 100_000,
  outbox: 50_000,
  decisions: 20_000,
  equity: 500_000,
};

/** Nobody looks up old rows of a store that ends with its process; its memory is to be flat within the first hour. */
const MEMORY_RETENTION: Retention = {
  ...DEFAULT_RETENTION,
  inbox: 2000,
  outbox: 2000,
  decisions: 2000,
};

/** Rows deleted per table and call. */
const PRUNE_PORTION = 2000;

/**
 * Opens the store of a data folder, creating it when it is new.
 * @param rerunnable true where a power cut costs nothing, as the run can be repeated: then the disk is not waited for
 * @throws DataFolderError, DatabaseError.
 */
export function openStore(dataDir: string, rerunnable = false): Store {
  const connection = openForWriting(dataDir);
  if (rerunnable) connection.sqlite.run("PRAGMA synchronous = OFF");
  return new Store(connection);
}

/** A store without a file, for simulations and tests. */
export function openMemoryStore(): Store {
  return new Store(openInMemory());
}

/** The same for a run of which nobody will read a row: the texts of events and of the state are left out. */
export function openUnreadStore(): Store {
  return new Store(openInMemory(), false);
}

/** The one writer of the bot's durable state. */
export class Store {
  readonly read: ReadModel;
  readonly #connection: Connection;
  readonly #statements: Statements;
  readonly #reasons = new RecentReasons();
  readonly #retention: Retention;
  readonly #withTexts: boolean;
  /** Rows written when the log was last moved. */
  #checkpointed = 0;

  constructor(connection: Connection, withTexts = true) {
    this.#connection = connection;
    this.#withTexts = withTexts;
    this.#statements = prepareStatements(connection);
    this.#retention = connection.onDisk ? DEFAULT_RETENTION : MEMORY_RETENTION;
    this.read = readModelOf(connection);
  }

  /**
   * The stored state; a new folder starts with `initial`.
   * @throws DatabaseError when a slice is missing, damaged or of another version.
   */
  loadState(initial: BotState): LoadedState {
    const loaded = loadSlices(this.#connection);
    const missing = SLICE_NAMES.filter((slice) => (loaded?.versions[slice] ?? 0) === 0);
    if (loaded !== null && missing.length === 0) return loaded;
    this.transaction(() => {
      for (const slice of missing)
        this.#statements.insertState.run({
          slice,
          schemaVersion: STATE_SCHEMA_VERSION,
          body: sliceText(slice, initial),
        });
    });
    const seeded = loadSlices(this.#connection);
    assert(seeded !== null, "a state that was just stored can be read");
    return seeded;
  }

  /**
   * Makes one step durable, all of it or nothing: the event, the slices whose reference changed, the signed actions
   * to be sent, what was refused, and the fill, account reading or answer to a batch that the event carries.
   * @throws VersionConflict when a slice is not at the version that the step started from.
   */
  commitStep(input: CommitInput): CommitResult {
    const { event } = input;
    return this.transaction<CommitResult>(() => {
      if (event.kind === "fill" && this.read.hasFill(event.fill)) return { kind: "duplicate" };
      const inserted = this.#statements.insertInbox.run({
        eventId: event.id,
        kind: event.kind,
        atMs: event.atMs,
        body: this.#withTexts ? JSON.stringify(event) : "",
      });
      if (inserted.changes === 0) return { kind: "duplicate" };
      const seq = Number(inserted.lastInsertRowid);
      const versions = this.#writeSlices(input);
      for (const batch of input.batches) {
        this.#insertBatch(batch, seq);
        this.#reasons.note(batch);
      }
      this.#writeDecisions(input, seq);
      writeAccount(input, seq, this.#statements, this.#reasons);
      return { kind: "committed", seq, versions };
    });
  }

  /** Call before the batch is handed to the network: a batch still "pending" after a crash was not sent. */
  markSent(nonce: number, atMs: number): void {
    this.#statements.markSent.run({ nonce, atMs });
  }

  /** Replaces an unanswered batch by one with a new nonce, in one transaction; the cause stays the same. */
  supersede(nonce: number, replacement: PlannedBatch, atMs: number): void {
    this.transaction(() => {
      const row = this.#statements.causeOf.get({ nonce });
      assert(row !== null, `the batch to be sent again is in the outbox, nonce ${nonce}`);
      this.#statements.markAnswered.run({ nonce, status: "expired", atMs });
      this.#insertBatch(replacement, Number(row["cause_seq"]));
    });
  }

  /** Batches that are not answered, oldest first: after a start, those of the previous life. */
  unanswered(): readonly StoredBatch[] {
    return this.#statements.unanswered
      .all({})
      .map((row) => parseBatch(row, this.#connection.label));
  }

  /** The nonce counter of a new life starts above this. */
  highestNonce(): number | null {
    const nonce = this.#statements.highestNonce.get({})?.["nonce"] ?? null;
    return nonce === null ? null : Number(nonce);
  }

  putMeta(key: string, value: string): void {
    this.#statements.putMeta.run({ key, value });
  }

  /** Deletes the oldest rows beyond `retention`, a bounded number per call. @returns rows deleted. */
  prune(retention: Retention = this.#retention): number {
    const portion = PRUNE_PORTION;
    const { pruneInbox, pruneOutbox, pruneDecisions, pruneEquity } = this.#statements;
    return this.transaction(
      () =>
        pruneInbox.run({ portion, keep: retention.inbox }).changes +
        pruneOutbox.run({ portion, keep: retention.outbox }).changes +
        pruneDecisions.run({ portion, keep: retention.decisions }).changes +
        pruneEquity.run({ portion, keep: retention.equity }).changes,
    );
  }

  /**
   * Moves the write-ahead log into the database without waiting for anybody. For idle moments. The first write after it
   * begins the log anew and waits for the disk, so one is made here and not left to the next step.
   */
  checkpoint(): void {
    if (!this.#connection.onDisk) return;
    const written = this.#rowsWritten();
    if (written === this.#checkpointed) return;
    this.#connection.sqlite.run("PRAGMA wal_checkpoint(PASSIVE)");
    this.putMeta("checkpointedRows", String(written));
    this.#checkpointed = this.#rowsWritten();
  }

  /** One transaction; an async callback does not compile, because it would commit at its first await. */
  transaction<T>(work: () => Sync<T>): T {
    return this.#connection.transaction<T>(work);
  }

  /** What a full disk or another process keeps in the write-ahead log is read from there by the next opening. */
  close(): void {
    try {
      this.checkpoint();
    } catch (error) {
      if (!(error instanceof SQLiteError)) throw error;
    } finally {
      this.#connection.sqlite.close();
    }
  }

  #rowsWritten(): number {
    return Number(this.#statements.rowsWritten.get({})?.["rows"] ?? 0);
  }

  #writeSlices({ before, after, versions }: CommitInput): SliceVersions {
    const next = { ...versions };
    for (const slice of SLICE_NAMES) {
      if (after[slice] === before[slice]) continue;
      const { changes } = this.#statements.updateState.run({
        slice,
        version: versions[slice],
        schemaVersion: STATE_SCHEMA_VERSION,
        body: this.#withTexts ? sliceText(slice, after) : "",
      });
      if (changes !== 1)
        throw new VersionConflict(
          `the stored slice "${slice}" is not at version ${versions[slice]}: somebody else wrote it`,
        );
      next[slice] = versions[slice] + 1;
    }
    return next;
  }

  #insertBatch(batch: PlannedBatch, causeSeq: number): void {
    this.#statements.insertOutbox.run({
      nonce: batch.nonce,
      causeSeq,
      lane: batch.lane,
      kind: batch.kind,
      body: JSON.stringify(batch.commands),
      expiresMs: batch.expiresMs,
    });
  }

  #writeDecisions(input: CommitInput, causeSeq: number): void {
    const { event, before, after, refused, silences = [] } = input;
    for (const { side, text } of silences)
      this.#statements.insertDecision.run({
        causeSeq,
        atMs: event.atMs,
        kind: "silence",
        reason: side,
        detail: text ?? "",
        count: 1,
      });
    if (after.risk.mode !== before.risk.mode)
      this.#statements.insertDecision.run({
        causeSeq,
        atMs: event.atMs,
        kind: "mode",
        reason: after.risk.mode,
        detail: after.risk.reason,
        count: 1,
      });
    const alarm = after.risk.alarm ?? null;
    if (alarm !== (before.risk.alarm ?? null))
      this.#statements.insertDecision.run({
        causeSeq,
        atMs: event.atMs,
        kind: "alarm",
        reason: alarm === null ? "over" : "raised",
        detail: alarm ?? before.risk.alarm ?? "",
        count: 1,
      });
    for (const [reason, { detail, count }] of countByReason(refused))
      this.#statements.insertDecision.run({
        causeSeq,
        atMs: event.atMs,
        kind: "refusal",
        reason,
        detail,
        count,
      });
  }
}

function countByReason(
  refused: readonly Refusal[],
): ReadonlyMap<string, { readonly detail: string; readonly count: number }> {
  const counted = new Map<string, { readonly detail: string; readonly count: number }>();
  for (const { reason, detail } of refused) {
    const known = counted.get(reason);
    counted.set(reason, { detail: known?.detail ?? detail, count: (known?.count ?? 0) + 1 });
  }
  return counted;
}
