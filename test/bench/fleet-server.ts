/**
 * The server of the fleet bench: down, then back with room for a fiftieth of the fleet a second. It decides who gets in
 * and nothing else; who asks when is the clients' business.
 *
 * Room is a bucket that fills evenly and holds one second's worth. Who is let in takes 1 of it, who is refused takes a fifth, on credit:
 * saying no to everybody at once has to be worked off before anybody is let in again.
 */

/** Share of the fleet that the server can let in within a second. */
export const acceptsShare = 0.02;
/** What a refusal costs, in accepted attempts. */
export const refusalCost = 0.2;

export class Server {
  /** Attempts that it can accept in a millisecond. */
  readonly #perMs: number;
  readonly #fullest: number;
  #room: number;
  #at: number;

  /** @param returnMs when it is back, ms after the cut; its bucket is full then */
  constructor(clients: number, returnMs: number) {
    this.#perMs = (clients * acceptsShare) / 1000;
    this.#fullest = clients * acceptsShare;
    this.#room = this.#fullest;
    this.#at = returnMs;
  }

  /** Whether the attempt that arrives now is let in. */
  accepts(atMs: number): boolean {
    this.#room = Math.min(this.#fullest, this.#room + (atMs - this.#at) * this.#perMs);
    this.#at = atMs;
    const accepted = this.#room >= 1;
    this.#room -= accepted ? 1 : refusalCost;
    return accepted;
  }

  /**
   * Whether it will never again let anybody in: it is in debt by more than it can earn while each of those who wait asks
   * once, and their asking costs more than it earns in that time.
   * @param periodMs no client that is still out waits longer between two attempts
   */
  isLost(waiting: number, periodMs: number): boolean {
    const earned = periodMs * this.#perMs;
    return waiting * refusalCost > earned && this.#room + earned < 0;
  }
}
