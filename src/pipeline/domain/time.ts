/** Milliseconds since the epoch, as the coordinator's clock tells them. */
export type At = number;
/** A length of time in milliseconds. */
export type Millis = number;

/** The key of a text that lies in the side table, so that it can be erased without breaking the ledger. */
export type TextRef = string;

/** `sha256:` and 64 hex digits. */
export type Digest = string;
