/** Where things are: the checkout, and the cache that outlives it. No other file works out a path from its own place. */
import { homedir } from "node:os";
import { join } from "node:path";

/** The checkout. */
export const root = join(import.meta.dirname, "..");

/** Big things that are fetched once for all checkouts of a user. */
export const cacheDir = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "holdfast");
