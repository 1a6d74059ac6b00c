/**
 * Counts what the content security policy refused. Imported before anything else, so that nothing is refused unseen;
 * end-to-end tests read the count from `<html data-violations>`.
 */

const seen: string[] = [];

document.addEventListener("securitypolicyviolation", (event) => {
  seen.push(`${event.effectiveDirective} ${event.blockedURI}`);
  document.documentElement.dataset["violations"] = String(seen.length);
});

/** What was refused so far: directive and source of each. */
export function violations(): readonly string[] {
  return seen;
}
