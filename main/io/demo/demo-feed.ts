/** The demo's events: a small shop, one source for all connections, with the last thousand kept for replay. */

const kept = 1000;
const maxBurst = 1000;

type Block = { readonly id: number; readonly text: string };
type Listener = (block: string) => void;

export class DemoFeed {
  readonly #rateHz: number;
  readonly #welcome: number;
  readonly #blocks: Block[] = [];
  readonly #listeners = new Set<Listener>();
  #nextId = 1;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param rateHz events a second; > 0
   * @param welcome events made at once, for whoever comes without an id
   */
  constructor(rateHz: number, welcome = 0) {
    this.#rateHz = rateHz;
    this.#welcome = welcome;
    for (let made = 0; made < welcome; made++) this.#publish();
  }

  start(): void {
    const startedAt = performance.now();
    let made = 0;
    const tick = () => {
      const due = Math.floor(((performance.now() - startedAt) / 1000) * this.#rateHz) + 1;
      for (let burst = 0; made < due && burst < maxBurst; burst++, made++) this.#publish();
    };
    this.#timer = setInterval(tick, Math.min(1000 / this.#rateHz, 250));
    tick();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Replays what came after `lastId`, as far as it is kept, then goes on live. Returns its end. */
  subscribe(lastId: string, listener: Listener): () => void {
    const after = /^\d+$/.test(lastId) ? Number(lastId) : Number.POSITIVE_INFINITY;
    const missed = this.#blocks.filter(({ id }) => id > after);
    const first = lastId === "" && this.#welcome > 0 ? this.#blocks.slice(-this.#welcome) : [];
    for (const block of [...first, ...missed]) listener(block.text);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #publish(): void {
    const id = this.#nextId++;
    const { type, data } = orderEvent(id);
    const text = `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
    this.#blocks.push({ id, text });
    if (this.#blocks.length > kept) this.#blocks.shift();
    for (const listener of this.#listeners) listener(text);
  }
}

const customers = [
  "R. Whitlock",
  "K. Lindqvist",
  "M. Okafor",
  "Harbour Supplies Ltd",
  "A. Novák",
  "J. Ferreira",
  "陈晓",
];
const steps = ["order.created", "order.paid", "order.shipped", "stock.low"] as const;

/** The same id makes the same event, in every run. */
function orderEvent(id: number): { type: string; data: object } {
  const draw = (n: number, salt: number) => ((id * 2_654_435_761 + salt * 40_503) >>> 7) % n;
  const type = steps[draw(9, 1) === 0 ? 3 : draw(3, 2)] ?? "order.created";
  if (type === "stock.low") {
    return { type, data: { sku: `KLP-${100 + draw(200, 3)}`, left: draw(9, 4), store: "Gdańsk", at: stamp() } };
  }
  const total = (500 + draw(20_000, 5)) / 100;
  const customer = customers[draw(customers.length, 6)];
  return {
    type,
    data: { order: `O-2026-${118_000 + id}`, customer, items: 1 + draw(6, 7), total, currency: "EUR", at: stamp() },
  };
}

function stamp(): string {
  return new Date().toISOString();
}
