/**
 * One stream of the lab's origin: it numbers and stamps what it sends, keeps the log, and replays by id. It goes on while
 * nobody listens, as a real one does, but not for long.
 */

/** `n` counts from 1 and is the id as well; `sentAt` is UTC in whole milliseconds, when it was made. */
export type Sent = { readonly n: number; readonly sentAt: number; readonly data: string };

export type Tempo = {
  /** Between two beats, ms; null: it never sends an event. */
  readonly everyMs: number | null;
  /** Events of one beat. */
  readonly each: number;
  /** It falls silent after so many. */
  readonly total: number;
  /** Further characters in each event. */
  readonly pad: number;
};

const lonelyMs = 30_000;
/** Older ones are forgotten: the lab may stand for days. */
const logLength = 20_000;

export class Topic {
  readonly log: Sent[] = [];
  readonly #tempo: Tempo;
  readonly #listeners = new Set<(sent: Sent) => void>();
  #beat: NodeJS.Timeout | null = null;
  #lonely: NodeJS.Timeout | null = null;
  #count = 0;

  constructor(tempo: Tempo) {
    this.#tempo = tempo;
  }

  /**
   * Tells of everything after this id and then of what comes; an id that it does not know means from now on.
   * @returns ends it; may be called from within `hear`
   */
  listen(lastEventId: string, hear: (sent: Sent) => void): () => void {
    let on = true;
    const tell = (sent: Sent) => {
      if (on) hear(sent);
    };
    const leave = () => {
      on = false;
      this.#listeners.delete(tell);
      if (this.#listeners.size === 0) this.#lonely = setTimeout(() => this.close(), lonelyMs).unref();
    };
    if (/^\d+$/.test(lastEventId)) {
      for (const sent of this.log.filter(({ n }) => n > Number(lastEventId))) tell(sent);
    }
    if (!on) return leave;
    this.#listeners.add(tell);
    if (this.#lonely !== null) clearTimeout(this.#lonely);
    this.#start();
    return leave;
  }

  close(): void {
    if (this.#beat !== null) clearInterval(this.#beat);
    this.#beat = null;
  }

  #start(): void {
    const { everyMs, each } = this.#tempo;
    if (everyMs === null || this.#beat !== null) return;
    const publish = () => {
      for (let i = 0; i < each; i++) this.#publish();
    };
    // The first listener need not wait a whole beat for the first event.
    if (this.#count === 0) setImmediate(publish);
    this.#beat = setInterval(publish, everyMs);
  }

  #publish(): void {
    const { total, pad } = this.#tempo;
    if (this.#count >= total) return;
    const [n, sentAt] = [++this.#count, Date.now()];
    const sent = { n, sentAt, data: JSON.stringify({ n, sentAt, ...(pad > 0 ? { pad: padding(n, pad) } : {}) }) };
    this.log.push(sent);
    if (this.log.length > logLength) this.log.splice(0, logLength / 2);
    for (const tell of [...this.#listeners]) tell(sent);
  }
}

/** The event as it stands on the wire. */
export function block({ n, data }: Sent): string {
  return `id: ${n}\ndata: ${data}\n\n`;
}

/** Text that compresses like text, and differs from event to event. */
function padding(n: number, length: number): string {
  return `${"the quick brown fox jumps over the lazy dog "} ${n} `.repeat(Math.ceil(length / 44)).slice(0, length);
}
