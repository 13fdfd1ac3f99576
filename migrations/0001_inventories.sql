CREATE TABLE `inventories` (
	`provider` text PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`found` text NOT NULL
);
