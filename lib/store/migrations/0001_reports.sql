CREATE TABLE `activity` (
	`hour` integer NOT NULL,
	`kind` text NOT NULL,
	`placement` text NOT NULL,
	`count` integer NOT NULL,
	PRIMARY KEY(`hour`, `kind`, `placement`)
);
--> statement-breakpoint
CREATE TABLE `funding` (
	`venue_ms` integer PRIMARY KEY NOT NULL,
	`micro_usd` integer NOT NULL,
	`position_lots` integer NOT NULL,
	`cause_seq` integer NOT NULL
);
--> statement-breakpoint
ALTER TABLE `equity` ADD `mid_x2_ticks` integer;--> statement-breakpoint
ALTER TABLE `equity` ADD `ledger_lots` integer;--> statement-breakpoint
ALTER TABLE `equity` ADD `cash_micro_usd` integer;--> statement-breakpoint
ALTER TABLE `equity` ADD `fees_micro_usd` integer;--> statement-breakpoint
ALTER TABLE `equity` ADD `funding_micro_usd` integer;--> statement-breakpoint
ALTER TABLE `equity` ADD `spread_half_micro` integer;--> statement-breakpoint
ALTER TABLE `equity` ADD `adverse_half_micro` integer;--> statement-breakpoint
ALTER TABLE `equity` ADD `bid_markout_bps` real;--> statement-breakpoint
ALTER TABLE `equity` ADD `ask_markout_bps` real;--> statement-breakpoint
ALTER TABLE `equity` ADD `mode` text;--> statement-breakpoint
ALTER TABLE `equity` ADD `resting_bids` integer;--> statement-breakpoint
ALTER TABLE `equity` ADD `resting_asks` integer;--> statement-breakpoint
ALTER TABLE `fills` ADD `placement` text;--> statement-breakpoint
ALTER TABLE `fills` ADD `level` integer;--> statement-breakpoint
ALTER TABLE `fills` ADD `edge_bps` real;