CREATE TABLE `decisions` (
	`id` integer PRIMARY KEY NOT NULL,
	`cause_seq` integer NOT NULL,
	`at_ms` integer NOT NULL,
	`kind` text NOT NULL,
	`reason` text NOT NULL,
	`detail` text NOT NULL,
	`count` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `equity` (
	`at_ms` integer PRIMARY KEY NOT NULL,
	`equity_micro_usd` integer NOT NULL,
	`margin_used_micro_usd` integer NOT NULL,
	`position_lots` integer NOT NULL,
	`position_value_micro_usd` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `fills` (
	`venue_ms` integer NOT NULL,
	`tid` integer NOT NULL,
	`oid` integer NOT NULL,
	`cloid` text,
	`side` text NOT NULL,
	`px_ticks` integer NOT NULL,
	`size_lots` integer NOT NULL,
	`taker` integer NOT NULL,
	`fee_micro_usd` integer NOT NULL,
	`start_position_lots` integer NOT NULL,
	`cause_seq` integer NOT NULL,
	`mid_x2_ticks` integer,
	PRIMARY KEY(`venue_ms`, `tid`, `oid`)
);
--> statement-breakpoint
CREATE TABLE `inbox` (
	`seq` integer PRIMARY KEY NOT NULL,
	`event_id` text NOT NULL,
	`kind` text NOT NULL,
	`at_ms` integer NOT NULL,
	`body` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `inbox_event_id_unique` ON `inbox` (`event_id`);--> statement-breakpoint
CREATE TABLE `meta` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `outbox` (
	`nonce` integer PRIMARY KEY NOT NULL,
	`cause_seq` integer NOT NULL,
	`lane` text NOT NULL,
	`kind` text NOT NULL,
	`body` text NOT NULL,
	`expires_ms` integer,
	`status` text NOT NULL,
	`sent_ms` integer,
	`answered_ms` integer
);
--> statement-breakpoint
CREATE INDEX `outbox_status` ON `outbox` (`status`);--> statement-breakpoint
CREATE TABLE `states` (
	`slice` text PRIMARY KEY NOT NULL,
	`version` integer NOT NULL,
	`schema_version` integer NOT NULL,
	`body` text NOT NULL
);
