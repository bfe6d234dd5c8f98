CREATE TABLE `challengers` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`seat` text NOT NULL,
	`at_ms` integer NOT NULL,
	`promoted` text NOT NULL,
	`why` text NOT NULL,
	`data_hash` text NOT NULL,
	`scores` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `challengers_seat` ON `challengers` (`seat`,`id`);--> statement-breakpoint
CREATE TABLE `champions` (
	`seat` text PRIMARY KEY NOT NULL,
	`file` text NOT NULL,
	`sha256` text NOT NULL,
	`kind` text NOT NULL,
	`data_hash` text NOT NULL,
	`published_ms` integer NOT NULL,
	`expires_ms` integer NOT NULL,
	`why` text NOT NULL,
	`scores` text NOT NULL
);
