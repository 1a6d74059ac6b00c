/** The journal's blocks over the port that its thread serves (journal-source.ts), as the search asks for them. */
import type { MessagePort } from "node:worker_threads";
import { type Block, openBlock } from "../block.ts";
import type { SourceBlock, SourceMessage, SourceQuestion } from "../journal-source.ts";
import type { BlockSource, SourceNews } from "./block-source.ts";

type Answer = Extract<SourceMessage, { readonly id: number }>;
type Asked = SourceQuestion extends infer Q ? (Q extends unknown ? Omit<Q, "id"> : never) : never;

/** Questions to a port that closes, as it does when the journal's thread ends, are rejected; another source follows. */
export class PortSource implements BlockSource {
  readonly #port: MessagePort;
  readonly #pending = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>();
  #told: (news: SourceNews) => void = () => undefined;
  #asked = 0;
  #isClosed = false;

  constructor(port: MessagePort) {
    this.#port = port;
    port.on("message", (message: SourceMessage) => {
      if ("id" in message) this.#answered(message);
      else this.#told(message);
    });
    port.on("close", () => this.close());
  }

  listen(told: (news: SourceNews) => void): void {
    this.#told = told;
  }

  async streams(): Promise<readonly string[]> {
    const answer = await this.#ask({ ask: "streams" });
    return answer.kind === "streams" ? answer.streams : [];
  }

  async blocks(stream: string): Promise<readonly SourceBlock[]> {
    const answer = await this.#ask({ ask: "blocks", stream });
    return answer.kind === "blocks" ? answer.blocks : [];
  }

  async read(stream: string, first: number): Promise<Block | null> {
    const answer = await this.#ask({ ask: "bytes", stream, first });
    return answer.kind === "bytes" && answer.bytes !== null ? openBlock(answer.bytes) : null;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#port.close();
    for (const { reject } of this.#pending.values()) reject(failure("search-source"));
    this.#pending.clear();
  }

  #ask(question: Asked): Promise<Answer> {
    if (this.#isClosed) return Promise.reject(failure("search-source"));
    return new Promise((resolve, reject) => {
      const id = ++this.#asked;
      this.#pending.set(id, { resolve, reject });
      this.#port.postMessage({ ...question, id });
    });
  }

  #answered(answer: Answer): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if (answer.kind === "failed") pending?.reject(failure(answer.code));
    else pending?.resolve(answer);
  }
}

const failure = (code: string): Error => Object.assign(new Error(code), { code });
