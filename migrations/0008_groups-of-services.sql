CREATE TABLE `groups` (
	`group` text NOT NULL,
	`number` integer NOT NULL,
	`open` integer NOT NULL,
	`row` text NOT NULL,
	PRIMARY KEY(`group`, `number`)
);
--> statement-breakpoint
CREATE INDEX `groups_open` ON `groups` (`open`);